"""`mutate` and `diff`: what tests would notice, and what an edit changes."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from dialplans.analysis.diff import BadCallsError, Difference, read_calls
from dialplans.analysis.diff import diff as compared
from dialplans.analysis.mutation.mutate import mutate as mutated
from dialplans.commands.common import (
    CLEAN,
    DEFAULT_FILE,
    PROBLEMS,
    AsJson,
    File,
    answer,
    plan_of,
    tell,
    wrong_use,
)
from dialplans.model import Dialplan
from dialplans.process.path_argument import path
from dialplans.process.reading import STANDARD_INPUT, BadLineError, Lines, UnreadableError, opened


def mutate(
    file: File = DEFAULT_FILE,
    *,
    suggest: Annotated[bool, typer.Option("--suggest", help="Write the missing tests.")] = False,
    as_json: AsJson = False,
) -> None:
    """Break the plan in small ways and name those that no test notices."""
    loaded, _ = plan_of(file, as_json=as_json)
    score = mutated(loaded, suggest=suggest)
    if as_json:
        answer(score.as_json())
    else:
        tell(score.text())
    raise typer.Exit(PROBLEMS if score.survived else CLEAN)


def diff(
    old: Annotated[Path, typer.Argument(help="The plan as it was.", parser=path)],
    new: Annotated[Path, typer.Argument(help="The plan as it will be.", parser=path)],
    replay: Annotated[
        Path | None,
        typer.Option("--replay", help="Past calls, CSV with to, from, at.", parser=path),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what changes in meaning, and which past calls would go elsewhere. Exit status 1: the
    plans differ, or a call would go elsewhere."""
    if [str(old), str(new), str(replay)].count(STANDARD_INPUT) > 1:
        wrong_use("only one of the files can be standard input")
    _, before = plan_of(old, as_json=as_json)
    _, after = plan_of(new, as_json=as_json)
    found = compared(before, after) if replay is None else _replayed(before, after, replay)
    if as_json:
        answer(found.as_json())
    else:
        tell(found.text())
    raise typer.Exit(PROBLEMS if found.changes or found.moved else CLEAN)


def _replayed(before: Dialplan, after: Dialplan, calls: Path) -> Difference:
    try:
        with opened(calls) as stream:
            lines = Lines(stream)
            try:
                return compared(before, after, read_calls(lines))
            except csv.Error as error:
                wrong_use(f"'{calls}': line {lines.number} is not CSV: {error}")
    except UnreadableError as error:
        wrong_use(f"'{calls}' cannot be read: {error.reason}")
    except (BadCallsError, BadLineError) as error:
        wrong_use(f"'{calls}': {error}")
