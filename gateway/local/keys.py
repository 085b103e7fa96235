"""Secrets of one installation: made at the first start, readable by their owner only."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from gateway.local.layout import LayoutError


@dataclass(frozen=True)
class Keys:
    livekit_api_key: str
    livekit_api_secret: str
    redis_password: str
    session_secret: str

    @classmethod
    def new(cls) -> Keys:
        return cls(
            livekit_api_key="SB" + secrets.token_hex(6),
            livekit_api_secret=secrets.token_urlsafe(36),
            redis_password=secrets.token_urlsafe(24),
            session_secret=secrets.token_urlsafe(36),
        )


def read_keys(path: Path) -> Keys | None:
    """None before the first start. A key that an older version did not know yet is added. Raises
    LayoutError if what is there are no keys."""
    try:
        stored = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise LayoutError([f"{path}, the keys of this system, cannot be read: {error}"]) from None
    if not isinstance(stored, dict):
        raise LayoutError([f"{path} holds no keys of this system"])
    known = {f.name for f in fields(Keys)}
    if known <= stored.keys():
        return Keys(**{name: stored[name] for name in known})
    keys = Keys(**{**asdict(Keys.new()), **{n: v for n, v in stored.items() if n in known}})
    _write(path, keys)
    return keys


def ensure_keys(path: Path) -> Keys:
    """The same keys at every call; a rerun never changes a password under a running server."""
    found = read_keys(path)
    if found is not None:
        return found
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = Keys.new()
    _write(path, keys)
    return keys


def _write(path: Path, keys: Keys) -> None:
    """Never readable by others, not even for the moment between creating and chmod."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(keys), file, indent=1)
    new.replace(path)
