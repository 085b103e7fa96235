"""The command line: quick help, one place for every command, errors in one line."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from gateway.cli.table import TABLE, Brought

HEAVY = ("livekit", "redis", "pydantic", "litestar", "sqlalchemy", "numpy", "yaml", "psutil")


def test_help_names_every_command_and_loads_none_of_them() -> None:
    """Nobody waits for LiveKit's SDK to read a list of commands."""
    script = (
        "import sys\n"
        "from gateway.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print('loaded:', *[m for m in {HEAVY!r} if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    missing = [name for b in TABLE for name in b.commands if f" {name} " not in done.stdout]

    assert missing == []
    assert done.stdout.splitlines()[-1] == "loaded:"


@pytest.mark.parametrize("brought", TABLE, ids=lambda b: b.module)
def test_the_table_says_what_the_module_has(brought: Brought) -> None:
    """A command that is not in the table could not be called; one too many would lead nowhere."""
    app = importlib.import_module(brought.module).app
    found = typer.main.get_group(app).commands

    assert sorted(found) == sorted(brought.commands)


def command(home: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", *arguments],
        env={**os.environ, "SWITCHBOARD_HOME": str(home), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_down_and_status_without_a_running_system_say_so(tmp_path: Path) -> None:
    """`down` is harmless at any time; `status` tells a script by its exit status."""
    down = command(tmp_path, "down")
    status = command(tmp_path, "status")

    assert (down.returncode, down.stdout) == (0, "Switchboard is not running.\n")
    assert status.returncode == 1
    assert "start it with `switchboard up`" in status.stdout


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    done = command(tmp_path, "status", SWITCHBOARD_SIP_LISTEN="here")

    assert done.returncode == 1
    assert done.stderr == "switchboard: SWITCHBOARD_SIP_LISTEN=here: 'here' is not HOST:PORT\n"


def test_an_unknown_command_is_status_two(tmp_path: Path) -> None:
    done = command(tmp_path, "pu")

    assert done.returncode == 2
    assert "No such command 'pu'" in done.stderr


def test_a_home_that_is_none_is_one_line(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").write_text("")

    done = command(tmp_path / "file", "check", "nowhere.yaml")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(tmp_path / "file") in done.stderr
