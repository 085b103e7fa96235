"""Menus: words, keys, and what happens to somebody who presses none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from dialplans.model.actions import Action
from dialplans.model.values.base import Key, Model
from dialplans.model.values.scalars import Duration, Least, PhraseOf

DEFAULT_TIMEOUT = timedelta(seconds=6)
DEFAULT_RETRIES = 2


class Menu(Model):
    """A wrong key or none within `timeout` is a failed try; after `retries` more, `else`."""

    say: PhraseOf = Field(description="What the caller hears.")
    keys: Mapping[Key, Action] = Field(min_length=1, description="Where each key leads.")
    timeout: Annotated[Duration, Least("1s")] | None = Field(
        default=None,
        description="How long a key is waited for, at least 1s; else `defaults.timeout`, 6s.",
    )
    retries: int | None = Field(
        default=None, ge=0, le=10, description="How often it is said again; else 2."
    )
    otherwise: Action | None = Field(
        default=None, alias="else", description="After the last try; else `defaults.else`."
    )
