"""Digest user and password of a trunk, read from the environment and from nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dialplans.model import Auth, Register, Secret, Trunk


class MissingSecretsError(LookupError):
    """`problems` has one line for each variable that is not set or cannot be read."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Credentials:
    """All empty: no digest. `host` comes from `user:password@host`."""

    username: str = ""
    password: str = ""
    realm: str = ""
    host: str = ""

    def __repr__(self) -> str:
        return f"Credentials(username={self.username!r}, password='…', host={self.host!r})"


def credentials(auth: Auth | None, env: Mapping[str, str]) -> Credentials:
    """Raises MissingSecretsError; never says what a variable holds."""
    if auth is None:
        return Credentials()
    realm = auth.realm or ""
    if auth.credentials is None:
        assert auth.password is not None
        return Credentials(auth.username or "", secret(auth.password, env), realm)
    text = secret(auth.credentials, env)
    user, colon, rest = text.partition(":")
    # A password may hold an @; a host may not.
    password, at, host = rest.rpartition("@")
    if not at:
        password, host = rest, ""
    if not user or not colon or not password:
        raise MissingSecretsError(
            [f"the environment variable {auth.credentials.env} must hold user:password"]
        )
    return Credentials(user, password, realm, host)


def outbound_credentials(trunk: Trunk, env: Mapping[str, str]) -> Credentials:
    """What we answer when a carrier challenges our calls: the trunk's own, unless it says else.

    An address that the plan writes down wins over one that the variable holds.
    """
    if trunk.account is not None:
        return account_credentials(trunk.account, env)
    own = trunk.outbound.auth if trunk.outbound else None
    found = credentials(own or trunk.auth, env)
    host = trunk.outbound.address if trunk.outbound else found.host
    if not host:
        raise MissingSecretsError(
            ["calls out need an address: write `outbound:`, or user:password@host in the variable"]
        )
    return Credentials(found.username, found.password, "", host)


def account_credentials(account: Register, env: Mapping[str, str]) -> Credentials:
    """What we answer when the server of an account asks who we are. Raises MissingSecretsError."""
    password = secret(account.password, env)
    return Credentials(account.username, password, "", account.server)


def secret(named: Secret, env: Mapping[str, str]) -> str:
    """Raises MissingSecretsError."""
    value = env.get(named.env, "")
    if not value:
        raise MissingSecretsError([f"the environment variable {named.env} is not set"])
    return value
