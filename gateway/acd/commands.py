"""`switchboard staff`: how many people a queue needs for what comes to it."""

from __future__ import annotations

import json
from dataclasses import asdict
from math import ceil
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.acd.staffing import Load, Staffing, Target, expected, needed
from gateway.spans import span

app = typer.Typer()

MOST_CALLS = 1_000_000.0
ROWS_AROUND = 2


@app.command()
def staff(
    calls_per_hour: Annotated[
        float, typer.Option(min=0.01, max=MOST_CALLS, help="In the hour that is planned.")
    ],
    handle: Annotated[str, typer.Option(help="Talk and wrap-up of a call, such as 4m30s.")],
    target: Annotated[
        str, typer.Option(help="Per cent of all calls / seconds they are answered within.")
    ] = "80/20",
    patience: Annotated[
        str, typer.Option(help="How long callers wait on average before they give up, as 90s.")
    ] = "",
    occupancy: Annotated[
        float, typer.Option(min=1, max=100, help="Busy at most so many per cent of their time.")
    ] = 90.0,
    shrinkage: Annotated[
        float, typer.Option(min=0, max=95, help="Per cent of paid time on breaks, training, ill.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """How many people a queue needs, by Erlang C, or Erlang A where callers give up (--patience).

    Calls come and last by chance; one queue, served in turn by people who can all take any call.
    """
    aim = _target(target)
    patient = span(patience).total_seconds() if patience else None
    load = Load(calls_per_hour, span(handle).total_seconds(), patient)
    try:
        least = needed(load, aim, occupancy / 100)
    except ValueError as error:
        raise typer.BadParameter(f"{error}: ask for less") from None
    rostered = ceil(least.people / (1 - shrinkage / 100))
    if as_json:
        figures = {**asdict(least), "rostered": rostered, "erlangs": load.erlangs}
        typer.echo(json.dumps(figures))
        return
    _show(load, aim, least)
    typer.echo(
        f"{least.people} people on calls for {load.erlangs:.1f} erlangs"
        + (f"; {rostered} on the roster, with {shrinkage:g} % away" if shrinkage else "")
    )


def _target(text: str) -> Target:
    share, _, within = text.partition("/")
    try:
        found = Target(float(share) / 100, float(within.removesuffix("s")))
    except ValueError:
        found = Target(0, 0)
    if not (0 < found.share < 1 and 0 <= found.within_s <= 86_400):
        raise typer.BadParameter(f"{text[:40]!r} is not per cent / seconds, such as 80/20")
    return found


def _show(load: Load, target: Target, least: Staffing) -> None:
    table = Table(box=None, pad_edge=False)
    columns = ("people", f"within {target.within_s:g} s", "average wait", "give up", "occupied")
    for column in columns:
        table.add_column(column, justify="right")
    for people in range(max(1, least.people - ROWS_AROUND), least.people + ROWS_AROUND + 1):
        try:
            found = expected(load, people, target.within_s)
        except ValueError:
            continue
        table.add_row(
            str(people),
            f"{found.in_time:.1%}",
            f"{found.wait_s:.1f} s",
            f"{found.gave_up:.1%}" if load.patience_s else "",
            f"{found.occupancy:.1%}",
            style="bold" if people == least.people else "",
        )
    Console().print(table)
