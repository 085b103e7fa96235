"""Names of files: written relative to the file that names them, kept relative to the plan."""

from __future__ import annotations

import os.path
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, WithJsonSchema

from dialplans.model.values.base import fail


def _joined(value: Any, info: ValidationInfo) -> Any:
    """An included file in a sub-folder names its prompts from there."""
    place = getattr(value, "place", None)
    folder = (info.context or {}).get("folder") if info.context else None
    if not isinstance(value, str) or place is None or folder is None:
        return value
    sub = os.path.relpath(os.path.dirname(place.file) or ".", folder)
    return str(value) if sub == "." else f"{PurePosixPath(sub)}/{value}"


def _inside(value: str) -> str:
    if not value.strip() or "\0" in value:
        fail("E_FILE_NAME", "a file name is missing here")
    path = os.path.normpath(value)
    if value.startswith("/") or path.startswith(".."):
        fail("E_FILE_OUTSIDE", f"'{value}' is outside the plan's folder", "move it beside the plan")
    return path.replace(os.sep, "/")


FileName = Annotated[
    str,
    AfterValidator(_inside),
    BeforeValidator(_joined),
    WithJsonSchema({"type": "string", "minLength": 1}),
]
"""A file beside the plan, or in a folder under it."""
