"""`python -m gateway.local` says what it takes, and starts nothing for what it does not know."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.local.__main__ import main


@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("--quite", 2), ("up", 2)])
def test_an_argument_is_answered_or_refused_before_anything_begins(
    tmp_path: Path, argument: str, status: int
) -> None:
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-m", "gateway.local", argument],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "SWITCHBOARD_HOME": str(home)},
        check=False,
    )

    assert done.returncode == status
    assert "usage: python -m gateway.local [-h] [--quiet]" in done.stdout + done.stderr
    assert not home.exists()


def test_what_is_in_the_way_is_told_one_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reading the arguments changes nothing about it."""
    monkeypatch.setattr(sys, "argv", ["gateway.local", "--quiet"])
    monkeypatch.setenv("SWITCHBOARD_SIP_LEG", "carrier-pigeon")

    assert main() == 1
    assert capsys.readouterr().err.startswith("switchboard: ")
