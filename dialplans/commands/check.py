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
from dialplans.commands.revisions import DEFAULT_REDIS, unanswered
from dialplans.language.leg_capabilities import Leg, with_leg
from dialplans.language.leg_capabilities import running as leg_running
from dialplans.language.problems import summary
from dialplans.language.unspoken_languages import with_voices
from dialplans.speech.voices import here


def check(
    file: File = DEFAULT_FILE,
    *,
    as_json: AsJson = False,
    running: Annotated[
        bool, typer.Option("--running", help="Also what the system running here cannot do of it.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Problems only.")] = False,
) -> None:
    """Find what is wrong with a plan, all of it at once."""
    loaded = with_voices(read(file), here(os.environ))
    if running:
        loaded = with_leg(loaded, leg_here())
    if as_json:
        answer([p.as_json() for p in loaded.problems])
    else:
        show_problems(loaded)
        if not quiet or loaded.problems:
            revision = f", revision {loaded.revision}" if loaded.valid else ""
            tell(f"{loaded.path}: {summary(loaded.problems)}{revision}")
    raise typer.Exit(CLEAN if loaded.clean else PROBLEMS)


def leg_here() -> Leg:
    url = os.environ.get("SWITCHBOARD_REDIS_URL") or DEFAULT_REDIS
    try:
        return leg_running(url)
    except OSError:
        unanswered(url)
