"""`switchboard doctor`: asks the agents, which alone know their models.

In a process of its own, because what holds the gateway's code must never load an agent.
"""

from __future__ import annotations

import subprocess
import sys

import typer

from gateway.local.layout import Layout

app = typer.Typer()
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command(context_settings=PASSED_ON)
def doctor(context: typer.Context) -> None:
    """Which models, filters and detectors are active here, and why."""
    command = [sys.executable, "-m", "agents", "doctor", *context.args]
    raise typer.Exit(
        subprocess.run(command, cwd=Layout.from_environment().root, check=False).returncode
    )
