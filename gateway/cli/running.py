"""`switchboard up | down | restart | status | logs`."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from gateway.cli.progress import follow_start, follow_stop, followed, wait_until_calm
from gateway.cli.starting import run_here, start_detached
from gateway.cli.status import as_it_runs, collect, show
from gateway.local.environment import adopt
from gateway.local.layout import Layout, LayoutError, SipLeg
from gateway.local.log_file import FILE, belongs_to, tail
from gateway.local.processes.child import end_leftovers
from gateway.local.processes.control import NotRunningError, ask
from gateway.local.sip_legs import MOST

app = typer.Typer()
LINES = 200


@app.command()
def up(
    sip: Annotated[
        SipLeg, typer.Option(help="Who talks to the phones: ours, or LiveKit's livekit-sip.")
    ] = "bridge",
    sip_legs: Annotated[
        int | None,
        typer.Option(min=1, max=MOST, help="How many of ours, each with ports of its own."),
    ] = None,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay here and print the log; Ctrl-C stops.")
    ] = False,
) -> None:
    """Start everything and return to the prompt; harmless when it already runs."""
    layout = _chosen(sip, sip_legs)
    if foreground:
        raise typer.Exit(run_here(layout))
    try:
        layout = as_it_runs(layout, ask(layout, "status")["services"])
        typer.echo("Switchboard is already running.")
        if sip_legs not in (None, layout.sip_legs):
            said = f"it runs {layout.sip_legs} SIP legs, not {sip_legs}: `switchboard down` first"
            typer.echo(f"switchboard: {said}", err=True)
            raise typer.Exit(1)
    except NotRunningError:
        start_detached(layout)
    problems = follow_start(layout)
    if not problems:
        wait_until_calm(layout)
    found = collect(layout)
    if not problems:
        show(found)
        _first_sign_in(layout)
        return
    for problem in found.dialplan["problems"]:
        typer.echo(f"switchboard: {problem}", err=True)
    raise typer.Exit(1)


@app.command()
def down() -> None:
    """Stop everything; calls may finish for a moment. Harmless when nothing runs."""
    layout = Layout.from_environment()
    try:
        pid = int(ask(layout, "down")["pid"])
    except NotRunningError:
        for left in end_leftovers(layout):
            typer.echo(f"ended {left}, left by an earlier run")
        typer.echo("Switchboard is not running.")
        return
    follow_stop(layout, pid)
    typer.echo("Switchboard has stopped.")


@app.command()
def restart(name: Annotated[str, typer.Argument(help="As `switchboard status` names it.")]) -> None:
    """Stop one service and start it again."""
    answer = _asked("restart", name)
    if "error" in answer:
        typer.echo(f"switchboard: {answer['error']}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{name} {answer['state']}")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """What runs, where it listens, which dialplan is in force. Exit status 1: not all well."""
    found = collect(Layout.from_environment())
    show(found, as_json=as_json)
    if not found.well:
        raise typer.Exit(1)


@app.command()
def logs(
    names: Annotated[
        list[str] | None, typer.Argument(help="Only these; all when left out.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many to begin with.")] = LINES,
) -> None:
    """The log of all processes, or of some."""
    wanted = set(names or ())
    path = Layout.from_environment().logs / FILE
    start = path.stat().st_size if path.exists() else 0
    for line in tail(path, lines, wanted):
        typer.echo(line, nl=False)
    if follow:
        for line in followed(path, start):
            if belongs_to(line, wanted):
                typer.echo(line, nl=False)


def _chosen(sip: SipLeg, sip_legs: int | None) -> Layout:
    """The settings, and over them what was said to `up`; ends it with what cannot be."""
    said: dict[str, str] = {"SWITCHBOARD_SIP_LEG": sip}
    if sip_legs is not None:
        said["SWITCHBOARD_SIP_LEGS"] = str(sip_legs)
    try:
        return Layout.from_environment({**os.environ, **said})
    except LayoutError as error:
        for problem in error.problems:
            typer.echo(f"switchboard: {problem}", err=True)
        raise typer.Exit(1) from None


def _first_sign_in(layout: Layout) -> None:
    """Once, while nobody has an account: there is no password that everybody knows."""
    # Saves Litestar and Argon2 (a second) wherever nobody is asked for a password.
    from gateway.cli.users import first_admin
    from gateway.settings import Settings

    adopt(layout)
    password = first_admin(Settings.from_environment())
    if password:
        typer.echo(f"Sign in  admin, with {password} (shown once; you then choose your own)")


def _asked(op: str, name: str) -> dict[str, Any]:
    try:
        return ask(Layout.from_environment(), op, name)
    except NotRunningError as error:
        typer.echo(f"switchboard: {error}", err=True)
        raise typer.Exit(1) from None
