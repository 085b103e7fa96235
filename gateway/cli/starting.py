"""Starting the supervisor: here, or detached from this terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import typer

from gateway.local.layout import Layout
from gateway.local.processes.control import NotRunningError, ask

COMMAND = (sys.executable, "-m", "gateway.local")


def run_here(layout: Layout) -> int:
    """Replaces this process, so that signals and exit status are the supervisor's own."""
    os.environ.update(_chosen(layout))
    os.execv(COMMAND[0], COMMAND)  # noqa: S606 (a fixed command, and no shell is wanted)


def start_detached(layout: Layout) -> None:
    """Returns when the supervisor answers; ends with its complaint if it gives up before that."""
    for folder in (layout.home, layout.logs):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    complaint = layout.logs / "supervisor.err"
    with complaint.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [*COMMAND, "--quiet"],
            cwd=layout.root,
            env={**os.environ, **_chosen(layout)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
    while process.poll() is None:
        try:
            ask(layout, "status")
            return
        except NotRunningError:
            time.sleep(0.1)
    typer.echo(complaint.read_text("utf-8").rstrip(), err=True)
    raise typer.Exit(1)


def _chosen(layout: Layout) -> dict[str, str]:
    """What was said to `up`."""
    return {
        "SWITCHBOARD_SIP_LEG": layout.sip_leg,
        "SWITCHBOARD_SIP_LEGS": str(layout.sip_legs),
    }
