"""Languages by their tags: `de`, `en-GB` (RFC 5646)."""

from __future__ import annotations


def base_language(tag: str) -> str:
    """Without the region, in small letters: `de` of `de-AT`; empty for an empty tag.

    Plans and recognisers write a hyphen; an underscore, as in `de_AT`, divides nothing."""
    return tag.lower().split("-")[0]
