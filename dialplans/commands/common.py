"""What the commands have in common: which file, how to answer, how to end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from dialplans.language.load import Loaded, load
from dialplans.language.problems import printed, printed_lines, render, summary
from dialplans.model import Dialplan
from dialplans.process.path_argument import path

CLEAN, PROBLEMS, WRONG_USE = 0, 1, 2

File = Annotated[
    Path,
    typer.Argument(
        help="The plan's main file, or - for standard input.",
        envvar="SWITCHBOARD_DIALPLAN",
        show_default="in force here",
        parser=path,
    ),
]
DEFAULT_FILE = Path("dialplans/main.yaml")
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def answer(document: Any) -> None:
    lines = json.dumps(document, ensure_ascii=False, indent=1).split("\n")
    typer.echo("\n".join(line if line.isprintable() else _escaped(line) for line in lines))


def _escaped(line: str) -> str:
    """JSON's own way to write out what a terminal would obey."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)


def tell(text: str, *, err: bool = False) -> None:
    """For people: what a plan or a caller put into the text is shown and never obeyed."""
    typer.echo(printed_lines(text), err=err)


def wrong_use(message: str) -> NoReturn:
    """The command was called in a way that cannot work; nothing was done."""
    tell(f"switchboard: {printed(message)}", err=True)
    raise typer.Exit(WRONG_USE)


def read(file: Path) -> Loaded:
    """A file that cannot be opened at all is wrong use; what is wrong inside it is not."""
    loaded = load(file)
    unread = [p for p in loaded.problems if p.code == "E_FILE" and p.place.file == loaded.path]
    if unread:
        wrong_use(unread[0].message)
    return loaded


def plan_of(file: Path, *, as_json: bool) -> tuple[Loaded, Dialplan]:
    """The plan, although it may have problems; if none can be built, they are the answer."""
    loaded = read(file)
    if loaded.plan is None:
        if as_json:
            answer({"problems": [p.as_json() for p in loaded.problems]})
        else:
            tell(loaded.report(), err=True)
        raise typer.Exit(PROBLEMS)
    if not loaded.clean:
        tell(f"switchboard: {loaded.path} has {summary(loaded.problems)}; see check", err=True)
    return loaded, loaded.plan


def show_problems(loaded: Loaded) -> None:
    for problem in loaded.problems:
        tell(render(problem, loaded.texts))
