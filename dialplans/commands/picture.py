"""`calendar` and `graph`: a plan to look at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from dialplans.analysis.calendar import calendar as table
from dialplans.analysis.graph import graph as drawn
from dialplans.commands.common import DEFAULT_FILE, AsJson, File, answer, plan_of, tell, wrong_use
from dialplans.model.values.times import day


def calendar(
    file: File = DEFAULT_FILE,
    *,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days.")] = 14,
    start: Annotated[
        str | None, typer.Option("--from", help="The first day, 2026-11-23; else today.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show when each number is open, in its own local time."""
    _, plan = plan_of(file, as_json=as_json)
    try:
        first = day(start) if start is not None else datetime.now(UTC).date()
    except ValueError as error:
        wrong_use(str(error))
    found = table(plan, first, days)
    if as_json:
        answer(found.as_json())
    else:
        tell(found.text())


def graph(
    file: File = DEFAULT_FILE,
    *,
    form: Annotated[
        Literal["mermaid", "dot"], typer.Option("--format", help="mermaid or dot.")
    ] = "mermaid",
    as_json: AsJson = False,
) -> None:
    """Draw numbers, routes and where they lead, for Mermaid or Graphviz."""
    _, plan = plan_of(file, as_json=as_json)
    picture = drawn(plan)
    if as_json:
        answer(picture.as_json())
    else:
        tell(picture.dot() if form == "dot" else picture.mermaid())
