"""`fmt` and `schema`: the file in its canonical form, and what editors need to know."""

from __future__ import annotations

import difflib
import os
import tempfile
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
    wrong_use,
)


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
    from dialplans.fmt import UnformattableError, format_text
    from dialplans.problems import render
    from dialplans.source import decode

    try:
        raw = file.read_bytes()
    except OSError as error:
        wrong_use(f"'{file}' cannot be read: {error.strerror}")
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
                typer.echo(render(problem, {str(file): text}), err=True)
        raise typer.Exit(PROBLEMS)
    changed = formatted.encode() != raw
    if changed and not check and not stdout:
        _replace(file, formatted)
    if as_json:
        answer({"file": str(file), "changed": changed, "text": formatted})
    elif stdout:
        typer.echo(formatted, nl=False)
    elif changed and check:
        before, after = text.splitlines(), formatted.splitlines()
        shown = difflib.unified_diff(before, after, str(file), f"{file}, formatted", lineterm="")
        typer.echo("\n".join(shown))
    else:
        typer.echo(f"{file}: {'formatted' if changed else 'already in canonical form'}")
    raise typer.Exit(PROBLEMS if changed and check else CLEAN)


def _replace(file: Path, text: str) -> None:
    """Whole or not at all: whoever watches the file never reads half of it."""
    target = file.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.chmod(name, target.stat().st_mode & 0o777)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def schema(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the JSON Schema (draft-07) of the language."""
    from dialplans.schema import text

    if output is None:
        typer.echo(text(), nl=False)
        return
    try:
        output.write_text(text(), encoding="utf-8")
    except OSError as error:
        wrong_use(f"'{output}' cannot be written: {error.strerror}")
    if as_json:
        answer({"file": str(output)})
