"""What the commands have in common: which file, how to answer, how to end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from dialplans.load import Loaded, load
from dialplans.model import Dialplan
from dialplans.problems import render, summary

CLEAN, PROBLEMS, WRONG_USE = 0, 1, 2

File = Annotated[
    Path,
    typer.Argument(
        help="The plan's main file.", envvar="SWITCHBOARD_DIALPLAN", show_default="in force here"
    ),
]
DEFAULT_FILE = Path("dialplans/main.yaml")
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def answer(document: Any) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1))


def wrong_use(message: str) -> NoReturn:
    """The command was called in a way that cannot work; nothing was done."""
    typer.echo(f"switchboard: {message}", err=True)
    raise typer.Exit(WRONG_USE)


def read(path: Path) -> Loaded:
    """A file that cannot be opened at all is wrong use; what is wrong inside it is not."""
    loaded = load(path)
    unread = [p for p in loaded.problems if p.code == "E_FILE" and p.place.file == loaded.path]
    if unread:
        wrong_use(unread[0].message)
    return loaded


def plan_of(path: Path, *, as_json: bool) -> tuple[Loaded, Dialplan]:
    """The plan, although it may have problems; if none can be built, they are the answer."""
    loaded = read(path)
    if loaded.plan is None:
        if as_json:
            answer({"problems": [p.as_json() for p in loaded.problems]})
        else:
            typer.echo(loaded.report(), err=True)
        raise typer.Exit(PROBLEMS)
    if not loaded.clean:
        typer.echo(
            f"switchboard: {loaded.path} has {summary(loaded.problems)}; see check", err=True
        )
    return loaded, loaded.plan


def show_problems(loaded: Loaded) -> None:
    for problem in loaded.problems:
        typer.echo(render(problem, loaded.texts))
