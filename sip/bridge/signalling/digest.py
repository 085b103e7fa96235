"""Digest access authentication, as server and as client (RFC 3261 §22, RFC 7616)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any

from aiosipua.auth import SipDigestAuth, build_credentials
from aiosipua.headers import AuthChallenge, stringify_auth
from aiosipua.message import SipResponse

from sip.bridge.signalling.reading.values import read_credentials

DEFAULT_REALM = "LiveKit"
NONCE_SECONDS = 60
REMEMBERED = 10_000


@dataclass(frozen=True)
class Login:
    username: str
    password: str
    realm: str = DEFAULT_REALM


class Verdict(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    STALE = "stale"
    """No credentials yet, or for a nonce that is too old or used up: ask (again)."""


# MD5 is what the protocol and every carrier speak; the secrecy of the password rests on it.
_ALGORITHMS: dict[str, Callable[[bytes], Any]] = {
    "SHA-256": hashlib.sha256,
    "MD5": partial(hashlib.md5, usedforsecurity=False),
}


@dataclass
class Challenger:
    """Makes nonces that need no memory, and remembers which were used, so none works twice."""

    now: Callable[[], float] = time.time
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _used: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def challenge(self, login: Login, call_id: str) -> str:
        nonce = self._new_nonce(call_id)
        return f'Digest realm="{login.realm}", nonce="{nonce}", algorithm=MD5, qop="auth"'

    def challenges(
        self, login: Login, call_id: str, *, stale: bool = False, only_md5: bool = False
    ) -> list[str]:
        """The same by every algorithm, the better one first (RFC 8760 §2.3), or by MD5 alone."""
        nonce = self._new_nonce(call_id)
        more = ", stale=true" if stale else ""
        about = f'Digest realm="{login.realm}", nonce="{nonce}", qop="auth"{more}'
        algorithms = ("MD5",) if only_md5 else _ALGORITHMS
        return [f"{about}, algorithm={algorithm}" for algorithm in algorithms]

    def verify(self, login: Login, header: str | None, *, method: str, call_id: str) -> Verdict:
        """`header` is the value of Authorization or Proxy-Authorization. A nonce holds for one
        Call-ID only."""
        if header is None:
            return Verdict.STALE
        _, given = read_credentials(header)
        nonce = given.get("nonce", "")
        if not self._fresh(nonce, call_id):
            return Verdict.STALE
        algorithm = _ALGORITHMS.get(given.get("algorithm", "MD5").upper())
        if algorithm is None:
            return Verdict.WRONG

        def digest(*parts: str) -> str:
            return str(algorithm(":".join(parts).encode()).hexdigest())

        inner = digest(given.get("username", ""), login.realm, login.password)
        outer = digest(method, given.get("uri", ""))
        if given.get("qop"):
            counted = (given.get("nc", ""), given.get("cnonce", ""), given["qop"])
            expected = digest(inner, nonce, *counted, outer)
        else:
            expected = digest(inner, nonce, outer)
        same_user = hmac.compare_digest(given.get("username", "").encode(), login.username.encode())
        same_hash = hmac.compare_digest(
            given.get("response", "").lower().encode(), expected.encode()
        )
        self._used[nonce] = None
        while len(self._used) > REMEMBERED:
            self._used.popitem(last=False)
        return Verdict.RIGHT if same_user and same_hash else Verdict.WRONG

    @staticmethod
    def algorithm(header: str | None) -> str:
        """By which a proof was made; empty where it says none, which means MD5."""
        return read_credentials(header)[1].get("algorithm", "") if header else ""

    def _new_nonce(self, call_id: str) -> str:
        """Whoever asks twice in a second gets two: each works once."""
        return self._nonce(f"{int(self.now()):x}", secrets.token_urlsafe(4), call_id)

    def _nonce(self, at: str, salt: str, call_id: str) -> str:
        """Short: an answer to a stranger may be no longer than its request."""
        mac = hmac.new(self._key, f"{at}:{salt}:{call_id}".encode(), hashlib.sha256).digest()
        return f"{at}.{salt}.{base64.urlsafe_b64encode(mac[:12]).decode()}"

    def _fresh(self, nonce: str, call_id: str) -> bool:
        stamp, _, rest = nonce.partition(".")
        mine = self._nonce(stamp, rest.partition(".")[0], call_id)
        if not hmac.compare_digest(nonce.encode(), mine.encode()):
            return False
        age = self.now() - int(stamp, 16)
        return -1 <= age < NONCE_SECONDS and nonce not in self._used


@dataclass(frozen=True)
class Answer:
    """One header that answers a challenge of `realm`. `stale` is whether the login was right, and
    only too late: the same is asked for with a new nonce."""

    header: str
    realm: str
    value: str
    stale: bool


def answers(login: Login, response: SipResponse, method: str, uri: str) -> list[Answer]:
    """To each realm that a 401 or 407 asks for, as far as it can be answered here.

    Of several challenges of one realm the first that can: they stand in the order that the server
    prefers (RFC 8760 §2.4).
    """
    ours = SipDigestAuth(login.username, login.password)
    header = "Authorization" if response.status_code == 401 else "Proxy-Authorization"
    found: dict[str, Answer] = {}
    for challenge in challenges(response):
        realm = challenge.params.get("realm", "")
        credentials = build_credentials(ours, challenge, method, uri)
        if credentials is not None and realm not in found:
            stale = challenge.params.get("stale", "").lower() == "true"
            found[realm] = Answer(header, realm, stringify_auth(credentials), stale)
    return list(found.values())


def answer(login: Login, response: SipResponse, method: str, uri: str) -> tuple[str, str] | None:
    """The header for the first realm that asks; None for what nobody here can answer."""
    found = answers(login, response, method, uri)
    return (found[0].header, found[0].value) if found else None


def challenges(response: SipResponse) -> list[AuthChallenge]:
    """What a 401 or 407 asks for."""
    name = "www-authenticate" if response.status_code == 401 else "proxy-authenticate"
    return [AuthChallenge(*read_credentials(text)) for text in response.headers.get(name)]
