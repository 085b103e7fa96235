"""`switchboard check`: everything that is wrong with a plan, at its place."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from dialplans.commands.common import (
    CLEAN,
    DEFAULT_FILE,
    PROBLEMS,
    AsJson,
    File,
    answer,
    read,
    show_problems,
    tell,
)
from dialplans.problems import summary
from dialplans.unspoken import with_voices
from dialplans.voices import here


def check(
    file: File = DEFAULT_FILE,
    *,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Problems only.")] = False,
) -> None:
    """Find what is wrong with a plan, all of it at once."""
    loaded = with_voices(read(file), here(os.environ))
    if as_json:
        answer([p.as_json() for p in loaded.problems])
    else:
        show_problems(loaded)
        if not quiet or loaded.problems:
            revision = f", revision {loaded.revision}" if loaded.valid else ""
            tell(f"{loaded.path}: {summary(loaded.problems)}{revision}")
    raise typer.Exit(CLEAN if loaded.clean else PROBLEMS)
