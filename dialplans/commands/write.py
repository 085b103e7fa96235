"""`fmt` and `schema`: the file in its canonical form, and what editors need to know."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from dialplans.commands.common import (
    CLEAN,
    DEFAULT_FILE,
    PROBLEMS,
    AsJson,
    File,
    answer,
    tell,
    wrong_use,
)
from dialplans.language.fmt import UnformattableError, format_text
from dialplans.language.problems import render
from dialplans.language.schema import text as schema_text
from dialplans.language.yaml_tree import decode
from dialplans.process.path_argument import path
from dialplans.process.reading import STANDARD_INPUT, UnreadableError, contents
from dialplans.process.writing import UnwritableError, replace_text, write_text


def fmt(
    file: File = DEFAULT_FILE,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; show what would.")
    ] = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print it, change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a file into canonical form; comments stay."""
    try:
        raw = contents(file)
    except UnreadableError as error:
        wrong_use(f"'{file}' cannot be read: {error.reason}")
    stdout = stdout or str(file) == STANDARD_INPUT
    text, problems = decode(raw, str(file))
    try:
        formatted = format_text(text, str(file)) if not problems else text
    except UnformattableError as error:
        problems = error.problems
    if problems:
        if as_json:
            answer({"problems": [p.as_json() for p in problems]})
        else:
            for problem in problems:
                tell(render(problem, {str(file): text}), err=True)
        raise typer.Exit(PROBLEMS)
    changed = formatted.encode() != raw
    if changed and not check and not stdout:
        try:
            replace_text(file, formatted)
        except UnwritableError as error:
            wrong_use(f"'{file}' cannot be written: {error.reason}")
    if as_json:
        answer({"file": str(file), "changed": changed, "text": formatted})
    elif stdout:
        typer.echo(formatted, nl=False)
    elif changed and check:
        before, after = text.splitlines(), formatted.splitlines()
        shown = difflib.unified_diff(before, after, str(file), f"{file}, formatted", lineterm="")
        tell("\n".join(shown))
    else:
        tell(f"{file}: {'formatted' if changed else 'already in canonical form'}")
    raise typer.Exit(PROBLEMS if changed and check else CLEAN)


def schema(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it here.", parser=path)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the JSON Schema (draft-07) of the language."""
    if output is None:
        typer.echo(schema_text(), nl=False)
        return
    try:
        write_text(output, schema_text())
    except UnwritableError as error:
        wrong_use(f"'{output}' cannot be written: {error.reason}")
    if as_json:
        answer({"file": str(output)})
