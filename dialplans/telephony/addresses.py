"""SIP addresses, as headers carry them and as people write them (RFC 3261 §19.1, §25.1; RFC 3966).

What is broken is read as far as it goes: a caller with a strange telephone is still a caller.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

LONGEST = 512
"""Characters of one address that are looked at."""
MOST = 20
"""Addresses of one header that are looked at."""

_NAME = re.compile(r'\s*"((?:\\.|[^"\\])*)"')
_BARE_NUMBER = re.compile(r"(\+|%2B)?\d+(;|\Z)", re.ASCII | re.IGNORECASE)
"""`sip:+49…` lacks its host, and means a number all the same."""
_SCHEME = re.compile(r"\s*(sips?|tel):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """`user` is the number or name, without escapes, password and parameters; "" if there is none.

    `parameters` are those of the user part, of the URI and of the header, names in small letters.
    """

    name: str = ""
    """What is shown to a person, without its quotes."""
    user: str = ""
    host: str = ""
    port: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: str = ""
    """What stands after the question mark of a URI."""

    @property
    def number(self) -> str:
        """The user part, with the context in which a local number is meant (RFC 3966 §5.1.5)."""
        context = self.parameters.get("phone-context")
        return f"tel:{self.user};phone-context={context}" if context else self.user


def address(text: str) -> Address:
    """`"Ann" <sip:+49…;phone-context=…@host;user=phone>;tag=…`, a URI, or a bare number or name."""
    text = text[:LONGEST]
    quoted = _NAME.match(text)
    rest = text[quoted.end() :] if quoted else text
    left = rest.find("<")
    right = rest.rfind(">")
    if not 0 <= left < right:
        return _uri(rest, quoted[1] if quoted else "", "")
    name = quoted[1] if quoted else rest[:left]
    return _uri(rest[left + 1 : right], name, rest[right + 1 :])


def addresses(text: str) -> tuple[Address, ...]:
    """Those of a header that holds several, in order."""
    return tuple(address(one) for one in separated(text))


def separated(text: str) -> tuple[str, ...]:
    """As they are written; commas within quotes or brackets are not between two."""
    found: list[str] = []
    start, quoted, bracketed = 0, False, False
    text = text[: MOST * LONGEST]
    for n, c in enumerate(text):
        if c == '"' and not bracketed and text[n - 1 : n] != "\\":
            quoted = not quoted
        elif not quoted and c in "<>":
            bracketed = c == "<"
        elif c == "," and not quoted and not bracketed:
            found.append(text[start:n])
            start = n + 1
            if len(found) == MOST:
                break
    found.append(text[start:])
    return tuple(one.strip() for one in found[:MOST] if one.strip())


def _uri(text: str, name: str, after: str) -> Address:
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text.strip()
    user, host, headers = rest, "", ""
    if "@" in rest:
        user, _, host = rest.partition("@") if rest.count("@") == 1 else _last_at(rest)
    elif scheme is not None and scheme[1].lower() != "tel" and not _BARE_NUMBER.match(rest):
        user, host = "", rest
    host, _, headers = host.partition("?")
    host, *of_host = host.split(";")
    user, *of_user = unquote(user).split(";")
    host, port = _host_and_port(host.strip())
    return Address(
        name=" ".join(re.sub(r"\\(.)", r"\1", name).split()),
        user=_plain(user if scheme is None else user.partition(":")[0]),
        host=host,
        port=port,
        parameters=_parameters([*after.split(";"), *of_host, *of_user]),
        headers=headers,
    )


def _last_at(text: str) -> tuple[str, str, str]:
    """A user part with an @ in it is wrong and common; the headers of a URI may hold one."""
    before, question, headers = text.partition("?")
    if "@" not in before:
        before, question, headers = text, "", ""
    user, at, host = before.rpartition("@")
    return user, at, host + question + headers


def _parameters(parts: list[str]) -> dict[str, str]:
    """Those of the user part win: there RFC 3966 has the number's own."""
    found: dict[str, str] = {}
    for part in parts:
        name, _, value = part.partition("=")
        if name.strip():
            found[name.strip().lower()] = unquote(value.strip().strip('"'))
    return found


def _host_and_port(text: str) -> tuple[str, int | None]:
    """What is no port is left out."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        return text, None
    good = port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536
    return host, int(port) if good else None


def _plain(user: str) -> str:
    """It ends up in logs, room names and records, and may be read again."""
    bare = "".join(c for c in user.partition("@")[0] if c.isprintable() and c not in '<>"%')
    return bare.strip()[:64].strip()
