"""A file that somebody names on the command line."""

from __future__ import annotations

from pathlib import Path

import typer


def path(text: str | Path) -> Path:
    """The parser of every argument and option that names a file. An empty text would be read as
    the present folder; it comes from a variable that a script forgot to set."""
    if not str(text).strip():
        raise typer.BadParameter("a file name cannot be empty")
    return Path(text)
