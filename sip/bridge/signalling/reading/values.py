"""Header values taken apart: addresses, Via, parameters, credentials (RFC 3261 §25.1).

Nothing here raises. What stands in quotes or brackets separates nothing, and a backslash before a
quote means the quote. What is broken is read as far as it goes; `problem_of_address` and
`problem_of_via` say whether it is.
"""

from __future__ import annotations

import re

from aiosipua.headers import Address, SipUri, Via

_MARK = re.compile(r"\\.|[\"<>,;]", re.DOTALL)
_BRACKETED_HOST = re.compile(r"(\[[^\[\]]*\])\s*(?::\s*(\S+))?")
_SIP = re.compile(r"(sips?):", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d+(?:[;?]|\Z))", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

OF_THE_HEADER = ("tag", "expires", "q", "methods", "reg-id")
"""Parameters that are the header's, not the URI's, where no brackets tell them apart."""

_RECEIVED = ("received", "rport")


def separated(text: str, mark: str) -> list[str]:
    """The pieces between commas, or semicolons, that are neither in quotes nor in brackets."""
    return [text[a:b].strip() for a, b in _spans(text, mark)]


def _spans(text: str, mark: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start, quoted, bracketed = 0, False, False
    for each in _MARK.finditer(text):
        char = each[0]
        if char[0] == "\\":
            if quoted:
                continue
            char = char[1]
        if char == '"':
            quoted = not quoted and not bracketed
        elif quoted:
            continue
        elif char in "<>":
            bracketed = char == "<"
        elif char == mark and not bracketed:
            found.append((start, each.end() - 1))
            start = each.end()
    found.append((start, len(text)))
    return found


def parameters(text: str) -> dict[str, str | None]:
    """`;lr;tag=x` by their names in lower case; None for one without a value. The first of a name
    counts."""
    found: dict[str, str | None] = {}
    for piece in separated(text, ";"):
        name, equals, value = piece.partition("=")
        if piece:
            found.setdefault(name.strip().lower(), value.strip() if equals else None)
    return found


def unquoted(text: str) -> str:
    """Without the quotes around it, if there are any, and the backslashes within."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _ESCAPED.sub(r"\1", text[1:-1])
    return text


def read_address(text: str) -> Address:
    """`"Ann" <sip:ann@x;lr>;tag=…`, or the same without brackets."""
    text = text.strip()
    opens = _opening(text)
    if opens >= 0:
        closes = text.find(">", opens)
        closes = closes if closes >= 0 else len(text)
        _, _, after = text[closes + 1 :].partition(";")
        name = unquoted(text[:opens].strip())
        return Address(name or None, read_uri(text[opens + 1 : closes]), parameters(after))
    uri, *rest = separated(text, ";")
    own = {*OF_THE_HEADER}
    ours = [p for p in rest if p.partition("=")[0].strip().lower() in own or p[:1] == "+"]
    theirs = [p for p in rest if p not in ours]
    return Address(None, read_uri(";".join((uri, *theirs))), parameters(";".join(ours)))


def _opening(text: str) -> int:
    """Where the address begins that stands in brackets; -1 where none does."""
    quoted = False
    for each in _MARK.finditer(text):
        char = each[0]
        if char[0] == "\\":
            if quoted:
                continue
            char = char[1]
        if char == '"':
            quoted = not quoted
        elif char == "<" and not quoted:
            return each.end() - 1
    return -1


def problem_of_address(text: str) -> str:
    """What is wrong with an address in From, To or Contact; empty where it can be read."""
    quotes = 0
    quoted = False
    for each in _MARK.finditer(text):
        if each[0] == '"' or (each[0] == '\\"' and not quoted):
            quotes += 1
            quoted = not quoted
    if quotes % 2:
        return "a quote that does not end"
    opens = _opening(text)
    if opens >= 0 and text.find(">", opens) < 0:
        return "a bracket that does not end"
    return ""


def read_uri(text: str) -> SipUri:
    """A user part may have semicolons and question marks in it (RFC 3261 §19.1.1)."""
    text = text.strip()
    scheme = _SIP.match(text)
    if scheme is None:
        other = _OTHER_SCHEME.match(text)
        if other is not None and "@" not in text[: other.end()]:
            return SipUri(other[1].lower(), None, text[other.end() :])
    rest = text[scheme.end() :] if scheme is not None else text
    user, rest = _user_of(rest)
    rest, _, headers = rest.partition("?")
    where, *more = rest.split(";")
    host, port = host_and_port(where)
    pairs = (each.partition("=") for each in headers.split("&") if "=" in each)
    return SipUri(
        scheme[1].lower() if scheme is not None else "sip",
        user,
        host,
        port,
        parameters(";".join(more)),
        {name: value for name, _, value in pairs},
    )


def _user_of(text: str) -> tuple[str | None, str]:
    """An @ in the headers of a URI is none of its user's, unless there is no other."""
    before, question, headers = text.partition("?")
    if "@" not in before:
        before, question, headers = text, "", ""
    user, at, rest = before.rpartition("@")
    return (user if at else None), rest + question + headers


def host_and_port(text: str) -> tuple[str, int | None]:
    """What has a port that is none is a host that nobody has."""
    text = text.strip()
    bracketed = _BRACKETED_HOST.fullmatch(text)
    if bracketed is not None:
        port = _port(bracketed[2] or "")
        return (text, None) if bracketed[2] and port is None else (bracketed[1], port)
    host, colon, digits = text.rpartition(":")
    port = _port(digits.strip())
    if not colon or ":" in host or port is None:
        return text, None
    return host.strip(), port


def _port(text: str) -> int | None:
    good = text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536
    return int(text) if good else None


def write_uri(uri: SipUri) -> str:
    at = f"{uri.user}@" if uri.user is not None else ""
    port = f":{uri.port}" if uri.port is not None else ""
    headers = "&".join(f"{name}={value}" for name, value in uri.headers.items())
    return (
        f"{uri.scheme}:{at}{uri.host}{port}{_written(uri.params)}{'?' if headers else ''}{headers}"
    )


def _written(found: dict[str, str | None]) -> str:
    return "".join(f";{n}" if v is None else f";{n}={v}" for n, v in found.items())


def read_via(text: str) -> Via:
    """Blanks may stand around each slash, and around the colon before a port."""
    found = _parts_of_via(text)
    if found is None:
        return Via(params=parameters(text.partition(";")[2]))
    protocol, transport, where, more = found
    host, port = host_and_port(where)
    return Via(protocol, transport.upper(), host, port, parameters(more))


def _parts_of_via(text: str) -> tuple[str, str, str, str] | None:
    """Protocol with its version, transport, where it was sent by, and the parameters. Taken apart
    step by step: one pattern for all of it would try each blank against each other."""
    head, _, more = text.partition(";")
    pieces = [piece.strip() for piece in head.split("/")]
    if len(pieces) != 3:
        return None
    protocol, sent = f"{pieces[0]}/{pieces[1]}", pieces[2].split(None, 1)
    if len(sent) != 2 or "," in head or len(protocol.split()) != 1:
        return None
    return protocol, sent[0], sent[1], more


def problem_of_via(text: str) -> str:
    """RFC 4475 §3.1.2.1: separators with nothing between them are no Via."""
    found = _parts_of_via(text)
    return "Via" if found is None or ";;" in text else ""


def stamped(text: str, via: Via) -> str:
    """The value as it came, except for where it really came from, as `via` says that."""
    found = _parts_of_via(text)
    if found is None:
        return text
    protocol, transport, where, more = found
    kept = [p for p in separated(more, ";") if p and _name(p) not in _RECEIVED]
    ours = {name: via.params[name] for name in _RECEIVED if name in via.params}
    return f"{protocol}/{transport} {where}{''.join(f';{p}' for p in kept)}{_written(ours)}"


def _name(parameter: str) -> str:
    return parameter.partition("=")[0].strip().lower()


def read_credentials(text: str) -> tuple[str, dict[str, str]]:
    """Scheme and parameters of Authorization or WWW-Authenticate, both names in lower case, values
    without their quotes (RFC 7235 §2.1)."""
    scheme, *rest = text.split(None, 1) or [""]
    pairs = (each.partition("=") for each in separated(rest[0] if rest else "", ","))
    found: dict[str, str] = {}
    for name, equals, value in pairs:
        if equals:
            found.setdefault(name.strip().lower(), unquoted(value.strip()))
    return scheme, found
