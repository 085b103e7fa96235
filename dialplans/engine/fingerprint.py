"""What a plan means, apart from how it is written; its hash is the plan's revision."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from dialplans.model import Dialplan

REVISION_LENGTH = 16


def meaning(value: Any) -> Any:
    """Plain data in which two plans are equal exactly if they do the same with every call."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {name: meaning(getattr(value, name)) for name in fields}
    if isinstance(value, Mapping):
        return {str(key): meaning(held) for key, held in value.items()}
    if isinstance(value, tuple | list):
        return [meaning(held) for held in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value):
        return {f.name: meaning(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value


def revision_of(plan: Dialplan, files: Mapping[str, str]) -> str:
    """The same for plans that mean the same: comments, order of keys, how a time is written and
    the plan's tests do not count; the text of prompts and intents does."""
    said = meaning(plan.model_copy(update={"tests": ()}))
    said["hours"] = {name: _week(plan, name) for name in plan.hours}
    whole = json.dumps([said, dict(files)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:REVISION_LENGTH]


def _week(plan: Dialplan, name: str) -> Any:
    """`mon-fri` and five single days mean the same."""
    days = [meaning(plan.hours[name].ranges(day)) for day in range(7)]
    return [days, meaning(plan.hours[name].holidays)]
