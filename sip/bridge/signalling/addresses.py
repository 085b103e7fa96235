"""Addresses as the headers of SIP write them (RFC 3261 §25.1); nothing else writes one."""

from __future__ import annotations

import re
from urllib.parse import quote

NAME_ADDR = re.compile(r'^(?:"(?:\\.|[^"\\])*+"\s*|[^"<>]*)(<.*>)[^<>]*$', re.S)
"""A name, quoted or not, before an address in brackets, and parameters behind it."""

HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?\.?|\[[0-9A-Fa-f:.]+\]")
SCHEMES = ("sip", "sips", "tel")
USER_SAFE = "-_.!~*'()&=+$,;?/"
URI_SAFE = USER_SAFE + ":@[]"
"""What stands for itself; anything else is escaped (RFC 3261 §19.1.2)."""

_ESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SPACES = re.compile(r"\s+")


class AddressError(ValueError):
    """No address can be made of this; the text says why."""


def name_addr(uri: str, display: str = "", *, tag: str = "") -> str:
    """`"Ann" <sip:ann@x>;tag=…`: in brackets, or parameters of the URI would be the header's.

    What a name may not hold is left out of it (line breaks, control characters), or escaped.
    """
    shown = _SPACES.sub(" ", "".join(c for c in display if c.isprintable() or c.isspace())).strip()
    quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
    name = f'"{quoted}" ' if quoted else ""
    return f"{name}<{uri}>" + (f";tag={tag}" if tag else "")


def sip_uri(host: str, user: str = "", *, port: int | None = None, transport: str = "") -> str:
    """`host` may have its port already. Raises AddressError for one that is none."""
    name, given = host_and_port(host)
    port = port if port is not None else given
    at = f"{quote(user, safe=USER_SAFE)}@" if user else ""
    where = name + (f":{port}" if port is not None else "")
    return f"sip:{at}{where}" + (f";transport={transport}" if transport else "")


def host_and_port(address: str) -> tuple[str, int | None]:
    """`carrier.example:5070`, `[2001:db8::1]`, a bare IPv6 address. Raises AddressError."""
    if address.count(":") > 1 and not address.startswith("["):
        address = f"[{address}]"
    name, colon, port = address, "", ""
    if not address.endswith("]"):
        head, colon, port = address.rpartition(":")
        name = head if colon else address
    if HOST.fullmatch(name) is None:
        raise AddressError(f"{address!r} is no address")
    if not colon:
        return name, None
    if not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
        raise AddressError(f"{address!r} has no port")
    return name, int(port)


def dialled(number: str) -> str:
    """A number or a user as a person writes it: spaces in it mean nothing."""
    return _SPACES.sub("", number)


def uri_of(text: str) -> str:
    """The URI of an address however it is given: bare, in brackets, with a name, or as a number.

    Raises AddressError for what is none, and for a line break in it: that is no slip of the pen.
    """
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise AddressError("an address has no line breaks and no control characters")
    found = NAME_ADDR.match(text.strip())
    bare = text.strip()
    if found is not None:
        bare = found[1].strip("<> ")
    scheme, colon, rest = bare.partition(":")
    if not colon or "@" in scheme:
        scheme, rest = ("sip" if "@" in scheme else "tel"), bare
    scheme = scheme.lower()
    if scheme not in SCHEMES:
        raise AddressError(f"{scheme}: is not an address that a telephone can call")
    rest = dialled(rest) if scheme == "tel" else rest.strip()
    if not rest or set(rest) & set('<>"'):
        raise AddressError(f"{text!r} is no address")
    return f"{scheme}:{quote(_ESCAPED.sub('%25', rest), safe=URI_SAFE + '%')}"
