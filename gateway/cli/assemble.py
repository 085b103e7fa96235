"""Puts the commands together, importing no more than the one that was asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from gateway.cli.table import TABLE, Brought
from gateway.local.environment import adopt
from gateway.local.layout import Layout, LayoutError

ABOUT = (
    "Switchboard: a contact centre on the telephone, built on LiveKit.\n\n"
    "Start with `switchboard up`, then dial one of the numbers it shows, "
    "or let `switchboard call` do that for you."
)


def run(argv: list[str]) -> None:
    """Ends by SystemExit, as commands do: 0 done, 1 could not, 2 wrong arguments."""
    wanted = next((word for word in argv if not word.startswith("-")), None)
    try:
        adopt(Layout.from_environment())
    except LayoutError as error:
        for problem in error.problems:
            typer.echo(f"switchboard: {problem}", err=True)
        raise SystemExit(1) from None
    assemble(TABLE, wanted).main(args=argv, prog_name="switchboard")


def assemble(table: Iterable[Brought], wanted: str | None) -> TyperGroup:
    """A group with the wanted command loaded; of the others only name and help line."""
    app = typer.Typer(
        cls=Sections,
        help=ABOUT,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        # Drawing boxes would cost more time than everything else that help does.
        rich_markup_mode=None,
    )

    @app.callback()
    def about() -> None:
        """Keeps `switchboard` a group even when it has one command."""

    group = typer.main.get_group(app)
    assert isinstance(group, Sections)
    for brought in table:
        loaded = _load(brought.module) if wanted in brought.commands else {}
        for name, line in brought.commands.items():
            group.add_command(loaded.get(name, TyperCommand(name, help=line)), name)
            group.sections.setdefault(brought.panel, []).append((name, line))
    return group


class Sections(TyperGroup):
    """Help in sections, in the order of the table, from the table's own lines."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.sections: dict[str, list[tuple[str, str]]] = {}

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        width = max(len(name) for rows in self.sections.values() for name, _ in rows)
        for title, rows in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), line) for name, line in rows])


def _load(module: str) -> dict[str, Any]:
    app: typer.Typer = importlib.import_module(module).app
    return dict(typer.main.get_group(app).commands)
