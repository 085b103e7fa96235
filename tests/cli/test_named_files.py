"""Whatever a file's name leads to, every command that takes one ends, and says why in a line."""

from __future__ import annotations

import importlib
import os
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperArgument
from typer.testing import CliRunner

from dialplans.process import path_argument
from gateway.cli.table import TABLE
from tests.dialplans.broken_plans import VALID

NUMBER = "+498920001000"

REST = {"to": ["--to", NUMBER], "call": ["any"]}
"""What a command must be given besides its files."""
WRITTEN = ("junit", "output", "save")

Place = tuple[str, str, str]
"""Module, command and parameter."""


@cache
def commands() -> tuple[tuple[str, str, Any], ...]:
    """Every command of the whole tree, groups within groups too."""
    return tuple(_commands())


def _commands() -> Iterator[tuple[str, str, Any]]:
    for brought in TABLE:
        group = typer.main.get_group(importlib.import_module(brought.module).app)
        waiting = list(group.commands.items())
        while waiting:
            name, command = waiting.pop()
            if hasattr(command, "commands"):
                waiting += [(f"{name} {n}", c) for n, c in command.commands.items()]
            else:
                yield brought.module, name, command


def parser_of(parameter: Any) -> Any:
    return getattr(parameter.type_descriptor.parameter_info, "parser", None)


def places(*, written: bool) -> list[Place]:
    return [
        (module, name, parameter.name)
        for module, name, command in commands()
        for parameter in command.params
        if parser_of(parameter) is path_argument.path and (parameter.name in WRITTEN) == written
    ]


def test_every_parameter_that_names_a_file_goes_one_way() -> None:
    """None opens what it was given without looking; a new one has to be added to no list."""
    others = [
        (name, parameter.name)
        for _, name, command in commands()
        for parameter in command.params
        if "Path" in str(parameter.type_descriptor.annotation)
        and parser_of(parameter) is not path_argument.path
    ]

    assert others == []
    assert {name for _, name, _ in places(written=False)} >= {
        "check", "explain", "test", "simulate", "mutate", "diff", "calendar", "graph", "fmt",
        "plan", "apply", "call",
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWITCHBOARD_DIALPLAN", raising=False)
    Path("prompts").mkdir()
    Path("prompts/ann.md").write_text("You are Ann.")
    Path("plan.yaml").write_text(VALID)
    os.mkfifo("pipe")
    Path("round").symlink_to("round")
    Path("nul.yaml").write_bytes(b"\0" * 100)
    Path("locked.yaml").write_text(VALID)
    Path("locked.yaml").chmod(0)
    return tmp_path


@pytest.fixture
def listening(folder: Path) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        yield


def run(place: Place, value: str) -> Any:
    """The command with `value` for that file, and a valid plan for any other."""
    module, name, wanted = place
    command = next(c for m, n, c in commands() if (m, n) == (module, name))
    words: list[str] = []
    for parameter in command.params:
        positional = isinstance(parameter, TyperArgument)
        if parameter.name == wanted:
            words += [value] if positional else [f"{parameter.opts[0]}={value}"]
        elif positional and parser_of(parameter) is path_argument.path:
            words.append("plan.yaml")
        else:
            words += REST.get(parameter.name, [])
    app = importlib.import_module(module).app
    alone = not hasattr(typer.main.get_command(app), "commands")
    return CliRunner().invoke(app, words if alone else [*name.split(), *words])


UNREADABLE = {
    "a folder": ".",
    "a pipe": "pipe",
    "a socket": "socket",
    "a device without end": "/dev/zero",
    "a device that waits": "/dev/tty",
    "a link to itself": "round",
    "memory": "/proc/self/mem",
    "nothing": "nowhere.yaml",
    "a file in a file": "plan.yaml/main.yaml",
    "a name without end": "x" * 5000,
    "no name": "",
    "white space": "  ",
}


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_wrong_use(what: str) -> None:
    """Exit 2, the name, and no stack of frames; what fails if it waits or reads for ever is the
    suite's time limit."""
    value = UNREADABLE[what]
    for place in places(written=False):
        said = run(place, value)

        assert (place, said.exit_code) == (place, 2), said.output
        assert isinstance(said.exception, SystemExit), (place, said.exception)
        assert (value.strip() or "empty") in said.stderr.replace("\n", "")
        assert said.stdout == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_what_may_not_be_read_is_wrong_use(folder: Path) -> None:
    for place in places(written=False):
        said = run(place, "locked.yaml")

        assert (place, said.exit_code) == (place, 2)
        assert "it may not be read" in said.stderr


def test_a_file_that_is_no_plan_is_read_and_refused(folder: Path) -> None:
    """Exit 1 or 2, never a stack of frames: NUL bytes, a program, a megabyte of nonsense."""
    Path("program.yaml").write_bytes(Path("/bin/true").read_bytes()[:50_000])
    Path("large.yaml").write_text("ü" * 1_100_000)
    for value in ("nul.yaml", "program.yaml", "large.yaml"):
        for place in places(written=False):
            said = run(place, value)

            assert said.exit_code in (1, 2), (place, value, said.output)
            assert isinstance(said.exception, SystemExit), (place, value, said.exception)
            assert value in said.output


UNWRITABLE = {
    "a folder": ".",
    "a socket": "socket",
    "nothing's folder": "nowhere/file",
    "a file's folder": "plan.yaml/file",
    "no name": "",
    "a link to itself": "round",
}


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("what", UNWRITABLE)
def test_what_cannot_be_written_is_wrong_use(what: str) -> None:
    """Said before anything is done whose result would be lost."""
    value = UNWRITABLE[what]
    for place in places(written=True):
        said = run(place, value)

        assert (place, said.exit_code) == (place, 2), said.output
        assert isinstance(said.exception, SystemExit), (place, said.exception)
        assert (value or "empty") in said.stderr


def test_a_pipe_that_nobody_reads_keeps_nobody_waiting(folder: Path) -> None:
    """And a full disk is told."""
    for value, why in (("pipe", "nobody reads"), ("/dev/full", "no space left")):
        for place in [p for p in places(written=True) if p[2] != "save"]:
            said = run(place, value)

            assert (place, said.exit_code) == (place, 2), said.output
            assert why in said.stderr
