"""`mutate` and `diff`: what tests would notice, and what an edit changes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dialplans.commands.common import (
    CLEAN,
    DEFAULT_FILE,
    PROBLEMS,
    AsJson,
    File,
    answer,
    plan_of,
    wrong_use,
)


def mutate(
    file: File = DEFAULT_FILE,
    *,
    suggest: Annotated[bool, typer.Option("--suggest", help="Write the missing tests.")] = False,
    as_json: AsJson = False,
) -> None:
    """Break the plan in small ways and name those that no test notices."""
    from dialplans.mutate import mutate as run

    loaded, _ = plan_of(file, as_json=as_json)
    score = run(loaded, suggest=suggest)
    if as_json:
        answer(score.as_json())
    else:
        typer.echo(score.text())
    raise typer.Exit(PROBLEMS if score.survived else CLEAN)


def diff(
    old: Annotated[Path, typer.Argument(help="The plan as it was.")],
    new: Annotated[Path, typer.Argument(help="The plan as it will be.")],
    replay: Annotated[
        Path | None, typer.Option("--replay", help="Past calls, CSV with to, from, at.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what changes in meaning, and which past calls would go elsewhere."""
    from dialplans.diff import BadCallsError, read_calls
    from dialplans.diff import diff as compared

    _, before = plan_of(old, as_json=as_json)
    _, after = plan_of(new, as_json=as_json)
    try:
        if replay is None:
            found = compared(before, after)
        else:
            with replay.open(encoding="utf-8-sig", newline="") as lines:
                found = compared(before, after, read_calls(lines))
    except OSError as error:
        wrong_use(f"'{replay}' cannot be read: {error.strerror}")
    except (BadCallsError, UnicodeDecodeError) as error:
        wrong_use(f"'{replay}': {error}")
    if as_json:
        answer(found.as_json())
    else:
        typer.echo(found.text())
