"""A SIP message as it may be kept: without passwords, keys of encryption, and keys pressed.

Reads what it is given as generously as any telephone might write it, since whatever is not
recognised here is kept.
"""

from __future__ import annotations

import re

HIDDEN = "•"

_BLANK = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n")
_FOLD = re.compile(r"(?:\r\n|\r|\n)[ \t]+")
_LINE = re.compile(r"\r\n|\r|\n")
_CREDENTIALS = frozenset({"authorization", "proxy-authorization"})
_CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate"})
_SECRET_NAME = re.compile(r"auth|token|secret|passw|pwd|api-?key|cookie|credential")
"""Headers of somebody's own with such a name are hidden whole."""

_SHOWN = re.compile(r"\b(?:realm|algorithm)\s*=\s*(?:\"[^\"]*\"|[^\s,]+)", re.IGNORECASE)
"""Of a proof of a password: for whom it is and how it was made."""

_URI_PASSWORD = re.compile(r"(sips?:[^:@;>\s\"]{0,256}):[^@;>\s/?]{0,256}@", re.IGNORECASE)
_URI_HEADER = re.compile(r"([?&](?:proxy-)?authorization=)[^&>\s]*", re.IGNORECASE)
_POST_DIAL = re.compile(r"(;\s*postd\s*=\s*)[^;>,\s]*", re.IGNORECASE)
"""Keys that are pressed after the call is answered (RFC 3966 §5.4)."""

_SDP_KEY = re.compile(
    r"^([ \t]*(?:a[ \t]*=[ \t]*(?:crypto|acap|key-mgmt|ice-pwd)[ \t]*:|k[ \t]*=)).*$",
    re.IGNORECASE | re.MULTILINE,
)
_INLINE = re.compile(r"(inline:)[^\s|;]+", re.IGNORECASE)
_SIGNAL = re.compile(r"^([ \t]*signal[ \t]*[=:]).*$", re.IGNORECASE | re.MULTILINE)
_KPML = re.compile(r"(\bdigits\s*=\s*)(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_KEYS_TYPE = re.compile(r"dtmf|digit|kpml|signal|hook|telephone-event", re.IGNORECASE)
_HARMLESS_LINE = re.compile(r"[ \t]*(?:signal|duration)[ \t]*=", re.IGNORECASE)
_ENCODED = re.compile(r"content-transfer-encoding\s*:\s*(?:base64|quoted-printable)", re.IGNORECASE)
_MULTIPART_KEYS = re.compile(
    r"content-type\s*:\s*application/(?:dtmf|vnd\.nortelnetworks\.digits)", re.IGNORECASE
)
_BINARY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd]")


def without_secrets(raw: bytes) -> str:
    """The whole message, header lines unfolded; `•` stands for what is left out."""
    blank = _BLANK.search(raw)
    head, body = (raw, b"") if blank is None else (raw[: blank.start()], raw[blank.end() :])
    text = _FOLD.sub(" ", head.decode("utf-8", "replace"))
    first, *lines = _LINE.split(text)
    headers = [_header(line) for line in lines if line.strip()]
    named = [
        (name.strip().lower(), value) for name, _, value in (h.partition(":") for h in headers)
    ]
    shown = _body(body, first, named) if body else ""
    return "\r\n".join([_uri(first), *headers, "", shown])


def _header(line: str) -> str:
    name, colon, value = line.partition(":")
    known = name.strip().lower()
    if known in _CREDENTIALS:
        scheme, _, rest = value.strip().partition(" ")
        return f"{name}: {', '.join([f'{scheme} {HIDDEN}', *_SHOWN.findall(rest)])}"
    if known not in _CHALLENGES and _SECRET_NAME.search(known):
        return f"{name}: {HIDDEN}"
    return _uri(f"{name}{colon}{value}")


def _uri(line: str) -> str:
    """Also the request line, Contact and Refer-To have addresses."""
    line = _URI_PASSWORD.sub(rf"\1:{HIDDEN}@", line)
    line = _URI_HEADER.sub(rf"\1{HIDDEN}", line)
    return _POST_DIAL.sub(rf"\1{HIDDEN}", line)


def _body(body: bytes, first: str, headers: list[tuple[str, str]]) -> str:
    kind = _value(headers, "content-type", "c")
    text = body.decode("utf-8", "replace")
    packed = _value(headers, "content-encoding", "e").lower() not in ("", "identity")
    encoded = _value(headers, "content-transfer-encoding").lower() in ("base64", "quoted-printable")
    if packed or encoded or _BINARY.search(text) or _ENCODED.search(text):
        return f"({len(body)} octets of {kind or 'unknown type'}, not kept)"
    method = _value(headers, "cseq").rpartition(" ")[2].upper() or first.partition(" ")[0]
    if method == "INFO" or _KEYS_TYPE.search(kind) or _MULTIPART_KEYS.search(text):
        return _without_keys(text)
    text = _SDP_KEY.sub(rf"\1{HIDDEN}", text)
    text = _INLINE.sub(rf"\1{HIDDEN}", text)
    text = _SIGNAL.sub(rf"\1{HIDDEN}", text)
    return _KPML.sub(rf"\1{HIDDEN}", text)


def _without_keys(text: str) -> str:
    """Whatever the spelling: of each line nothing stays but the name of a value."""
    kept = []
    for line in _LINE.split(text):
        name, sign, value = line.partition("=")
        if _HARMLESS_LINE.match(line):
            value = value.strip() if name.strip().lower() == "duration" else HIDDEN
            kept.append(f"{name}{sign}{value if value.isdigit() else HIDDEN}")
        else:
            kept.append(HIDDEN if line.strip() else "")
    return "\r\n".join(kept)


def _value(headers: list[tuple[str, str]], *names: str) -> str:
    return next((value.strip() for name, value in headers if name in names), "")
