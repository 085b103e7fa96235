"""How a text is written: plain where no reader of YAML could mistake it, else in double quotes."""

from __future__ import annotations

import json
import re

_PLAIN = re.compile(r"[^\W\d_](?:(?:[\w /@+-]|\.(?! ))*[\w+/])?\Z")
_AMOUNT = re.compile(r"(?:\d{1,9}(?:ms|s|min|m|h|d))+\Z|\d{1,6}/(?:s|min|h|d)\Z", re.ASCII)
_NUMBER = re.compile(r"(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?\Z", re.ASCII)
_MISTAKEN = frozenset(("y", "n", "yes", "no", "on", "off", "null", "true", "false"))
_ALSO_BROKEN = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def scalar(text: str, *, quoted: bool, key: bool = False) -> str:
    """On one line. A number or true and false keep the writer's quotes, or the lack of them."""
    if text in ("true", "false") or _NUMBER.match(text):
        return _double(text) if quoted or key else text
    if _AMOUNT.match(text):
        return text
    if _PLAIN.match(text) and text.lower() not in _MISTAKEN:
        return text
    return _double(text)


def _double(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return _ALSO_BROKEN.sub(lambda c: f"\\u{ord(c[0]):04x}", quoted)


def block_scalar(text: str, indent: str) -> list[str] | None:
    """A literal block for text of several lines, as header and lines; None where it cannot be."""
    body = text.rstrip("\n")
    if "\n" not in body or body[:1] in (" ", "\n", "\t") or _unprintable(body):
        return None
    if any(line != line.rstrip() for line in body.split("\n")):
        return None
    kept = len(text) - len(body)
    header = {0: "|-", 1: "|"}.get(kept)
    if header is None:
        return None
    return [header, *(indent + line if line else "" for line in body.split("\n"))]


def _unprintable(text: str) -> bool:
    return bool(_ALSO_BROKEN.search(text)) or any(c < " " and c != "\n" for c in text)
