"""Single sign-on by OpenID Connect: authorization code with PKCE, state, nonce and a signed token.

OpenID Connect Core 1.0 §3.1; the provider's addresses come from its discovery document.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

import httpx
import msgspec
import structlog
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from redis.asyncio import Redis

from gateway.errors import Problem
from gateway.identity.passwords import token_hash
from gateway.settings import OidcSettings

log = structlog.get_logger(__name__)

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures with a key pair; `none` and shared secrets are not among them."""

_PENDING_S = 600
_LEEWAY_S = 60
_DISCOVERY_S = 600.0


class Pending(msgspec.Struct, frozen=True):
    """A sign-in that went to the provider and has not come back."""

    nonce: str
    verifier: str
    next: str


class Claims(msgspec.Struct, frozen=True):
    """What the provider vouches for."""

    subject: str
    name: str
    display: str
    roles: list[str]


class Provider(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Oidc:
    def __init__(self, settings: OidcSettings, redis: Redis) -> None:
        self._settings = settings
        self._redis = redis
        self._known: tuple[float, Provider, KeySet] | None = None

    @property
    def on(self) -> bool:
        return bool(self._settings.issuer)

    async def start(self, redirect_uri: str, next_: str) -> tuple[str, str]:
        """The provider's address to go to, and the state that must come back with the browser."""
        provider, _ = await self._provider()
        state, nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        verifier = secrets.token_urlsafe(48)
        pending = msgspec.json.encode(Pending(nonce, verifier, next_))
        await self._redis.set(_key(state), pending, ex=_PENDING_S)
        async with self._client(redirect_uri) as client:
            url, _ = client.create_authorization_url(
                provider.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url), state

    async def finish(self, redirect_uri: str, code: str, state: str) -> tuple[Claims, str]:
        """Whom the provider vouches for, and where they wanted to go. Each state works once."""
        raw = await self._redis.getdel(_key(state))
        if raw is None:
            raise Problem("oidc_failed", "This sign-in took too long or was used before.")
        pending = msgspec.json.decode(raw, type=Pending)
        provider, keys = await self._provider()
        try:
            async with self._client(redirect_uri) as client:
                token = await client.fetch_token(
                    provider.token_endpoint, code=code, code_verifier=pending.verifier
                )
            claims = self._verified(str(token["id_token"]), provider, keys, nonce=pending.nonce)
        except Problem:
            raise
        except Exception as error:
            log.warning("oidc.refused", error=type(error).__name__)
            raise Problem("oidc_failed") from error
        return self._read(claims), pending.next

    def _client(self, redirect_uri: str) -> Any:
        return AsyncOAuth2Client(
            self._settings.client_id,
            self._settings.client_secret.get_secret_value(),
            scope="openid profile email",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=10,
        )

    async def _provider(self) -> tuple[Provider, KeySet]:
        if not self.on:
            raise Problem("oidc_off")
        now = time.monotonic()
        if self._known is not None and now - self._known[0] < _DISCOVERY_S:
            return self._known[1], self._known[2]
        issuer = self._settings.issuer.rstrip("/")
        try:
            async with httpx.AsyncClient(timeout=10) as client:
                found = await client.get(f"{issuer}/.well-known/openid-configuration")
                provider = msgspec.json.decode(found.raise_for_status().content, type=Provider)
                keys = (await client.get(provider.jwks_uri)).raise_for_status().json()
        except (httpx.HTTPError, msgspec.MsgspecError, ValueError) as error:
            raise Problem("oidc_failed", "The identity provider does not answer.") from error
        if provider.issuer.rstrip("/") != issuer:
            raise Problem("oidc_failed", "The identity provider calls itself by another name.")
        self._known = (now, provider, KeySet.import_key_set(keys))
        return self._known[1], self._known[2]

    def _verified(
        self, token: str, provider: Provider, keys: KeySet, *, nonce: str
    ) -> dict[str, Any]:
        rules = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            log.warning("oidc.token_refused", error=type(error).__name__)
            raise Problem("oidc_failed") from error
        return dict(claims)

    def _read(self, claims: dict[str, Any]) -> Claims:
        subject = f"{self._settings.issuer}|{claims['sub']}"[:255]
        wish = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
        name = re.sub(r"[^A-Za-z0-9._@-]", "-", wish).lstrip("-._@")[:60] or "person"
        given = claims.get(self._settings.roles_claim)
        roles = [str(r) for r in given] if isinstance(given, list) else str(given or "").split()
        return Claims(subject, name, str(claims.get("name") or wish)[:120], roles)


def _key(state: str) -> str:
    return f"switchboard:oidc:{token_hash(state)}"
