"""`explain`, `test` and `simulate`: what a plan does with calls."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dialplans.analysis.explain import explain as explained
from dialplans.analysis.plan_tests import run_tests
from dialplans.analysis.simulate import simulate as simulated
from dialplans.analysis.walk import instant
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
from dialplans.engine.admit import Load
from dialplans.engine.call_inputs import UnknownHappeningError
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.received import received
from dialplans.model import Dialplan
from dialplans.process.path_argument import path
from dialplans.process.reading import STANDARD_INPUT, BadLineError, Lines, UnreadableError, opened
from dialplans.process.writing import UnwritableError, refuse_to_write, write_text
from dialplans.telephony.call import CallContext

To = Annotated[str, typer.Option("--to", help="The number that is called.")]
From = Annotated[str, typer.Option("--from", help="Who calls; a number, or anonymous.")]
At = Annotated[
    str | None,
    typer.Option("--at", help='When: "2026-11-23 08:30", in the plan\'s time zone; else now.'),
]
Headers = Annotated[list[str] | None, typer.Option("--header", help="'X-Campaign: spring1'")]
Address = Annotated[str | None, typer.Option("--address", help="Where the call comes from.")]


def explain(
    file: File = DEFAULT_FILE,
    *,
    to: To,
    from_: From = "anonymous",
    at: At = None,
    header: Headers = None,
    event: Annotated[
        list[str] | None, typer.Option("--event", help="What happens then: 'key 1', 'wait 90s'.")
    ] = None,
    address: Address = None,
    calls: Annotated[int, typer.Option(min=0, help="Calls that are up already.")] = 0,
    on_number: Annotated[int, typer.Option(min=0, help="Of these, on the same number.")] = 0,
    by_caller: Annotated[int, typer.Option(min=0, help="Recent calls of the same caller.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Say where a call would go, and why, rule by rule."""
    loaded, plan = plan_of(file, as_json=as_json)
    sent = CallContext(to, from_, source_ip=address, headers=_headers(header or []))
    call = received(plan, sent)
    busy = Load(total=calls, on_number=on_number, by_caller=by_caller)
    try:
        ready = CompiledPlan(plan, loaded.revision)
        found = explained(ready, call, _now(plan, at), events=event or (), load=busy)
    except UnknownHappeningError as error:
        wrong_use(str(error))
    if as_json:
        answer(found.as_json())
    else:
        tell(found.text())


def carried(
    file: File = DEFAULT_FILE,
    *,
    junit: Annotated[
        Path | None, typer.Option("--junit", help="Write JUnit XML here.", parser=path)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the tests that the plan carries, on the clock they ask for."""
    loaded, plan = plan_of(file, as_json=as_json)
    try:
        if junit is not None:
            refuse_to_write(junit)
        report = run_tests(plan)
        if junit is not None:
            write_text(junit, report.junit(loaded.path))
    except UnwritableError as error:
        wrong_use(f"'{junit}' cannot be written: {error.reason}")
    if as_json:
        answer(report.as_json())
    else:
        tell(report.text())
    raise typer.Exit(PROBLEMS if report.failed else CLEAN)


def simulate(
    file: File = DEFAULT_FILE,
    *,
    to: Annotated[str | None, typer.Option("--to", help="The number; else the first.")] = None,
    from_: From = "anonymous",
    at: At = None,
    header: Headers = None,
    as_json: AsJson = False,
) -> None:
    """Be the caller: type keys and events and walk through the plan."""
    if str(file) == STANDARD_INPUT:
        wrong_use("standard input is what the caller does; name the plan's file")
    loaded, plan = plan_of(file, as_json=as_json)
    called = to if to is not None else next(iter(plan.numbers), None)
    if called is None:
        wrong_use("the plan has no number to call")
    call = received(plan, CallContext(called, from_, headers=_headers(header or [])))
    ready = CompiledPlan(plan, loaded.revision)
    say = typer.echo if as_json else tell
    try:
        with opened(STANDARD_INPUT) as typed:
            simulated(ready, call, _now(plan, at), lines=Lines(typed), say=say, as_json=as_json)
    except (UnreadableError, BadLineError) as error:
        wrong_use(f"standard input: {error}")


def _headers(written: list[str]) -> dict[str, str]:
    """One that is given again goes on where the first ended (RFC 3261 §7.3.1)."""
    found: dict[str, str] = {}
    for header in written:
        name, colon, value = (part.strip() for part in header.partition(":"))
        if not colon or not name:
            wrong_use(f"'{header}' is no header; write 'X-Name: value'")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _now(plan: Dialplan, at: str | None) -> datetime:
    if at is None:
        return datetime.now(UTC)
    try:
        return instant(plan, at)
    except ValueError as error:
        wrong_use(str(error))
