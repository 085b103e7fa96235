"""What Redis keeps as text, and gives back as bytes."""

from __future__ import annotations


def text(raw: bytes | str) -> str:
    return raw.decode() if isinstance(raw, bytes) else raw
