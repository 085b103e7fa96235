"""From a file to a plan: read, include, build, lint; all problems at once."""

from __future__ import annotations

import os
import os.path
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dialplans.engine.fingerprint import revision_of
from dialplans.language.build import build
from dialplans.language.include import Merged, gather
from dialplans.language.lint import lint
from dialplans.language.lint.salvage import salvaged
from dialplans.language.lint.view import View
from dialplans.language.problems import Place, Problem, in_order, render, summary
from dialplans.language.yaml_tree import MAX_PROBLEMS, Map
from dialplans.model import Dialplan
from dialplans.model.resolve import resolve
from dialplans.process.reading import (
    STANDARD_INPUT,
    Folder,
    Memory,
    Shelf,
    UnreadableError,
    contents,
    encoded,
)

MAX_SHOWN = 1000
"""More problems than that help nobody, and memory is not for ever."""


@dataclass(frozen=True)
class Loaded:
    """What became of a file. `plan` is None only if no plan could be built from it."""

    path: str
    plan: Dialplan | None
    problems: tuple[Problem, ...]
    revision: str
    sources: Mapping[str, str]
    """Every file of the plan, by the name that problems give it, in the order read."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Prompts and intents, by the name that the plan gives them."""
    tree: Map = field(default_factory=Map, repr=False)
    """The plan as written, includes merged; every value knows its place (`shape.place_of`)."""

    @cached_property
    def valid(self) -> bool:
        """Whether it may go live: a plan, and no errors."""
        return self.plan is not None and not any(p.severity == "error" for p in self.problems)

    @property
    def clean(self) -> bool:
        """Whether `check` has nothing to object to; notes do not count."""
        return self.plan is not None and all(p.severity == "note" for p in self.problems)

    @property
    def folder(self) -> str:
        """Of the plan; files are named relative to it."""
        return os.path.dirname(self.path) or "."

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Every file that a problem can stand in, by the name that problems give it."""
        folder = os.path.dirname(self.path)
        return {**{os.path.join(folder, n): t for n, t in self.files.items()}, **self.sources}

    def report(self) -> str:
        """All problems as a person reads them."""
        shown = [render(p, self.texts) for p in self.problems]
        return "\n".join([*shown, f"{self.path}: {summary(self.problems)}"])


def load(path: str | Path) -> Loaded:
    """The plan of a file, or of standard input for `-`, with all that it includes. Never raises for
    what is in the file, nor for what the name leads to."""
    if os.fspath(path) != STANDARD_INPUT:
        return _load(Folder.of(path), Path(path).name or os.fspath(path))
    try:
        return _load(Folder(".", {STANDARD_INPUT: contents(path)}), STANDARD_INPUT)
    except UnreadableError as error:
        said = f"standard input cannot be read: {error.reason}"
        problem = Problem(Place(STANDARD_INPUT, 1, 1), "E_FILE", said)
        return Loaded(STANDARD_INPUT, None, (problem,), "", {})


def load_text(
    text: str, path: str | Path = "dialplan.yaml", others: Mapping[str, str] | None = None
) -> Loaded:
    """As if `text` stood in the file `path`; what it names is read from there.

    With `others` (file name → text) nothing is read from the disk at all.
    """
    name = Path(path).name
    if others is not None:
        return _load(Memory({**others, name: text}), name)
    return _load(Folder.of(path, {name: encoded(text)}), name)


def _load(shelf: Shelf, name: str) -> Loaded:
    merged: Merged = gather(shelf, name)
    problems = list(merged.problems)
    written: Dialplan | None = None
    if merged.tree is not None:
        written, more = build(merged.tree, shelf.folder)
        problems += more
        if written is None and len(more) < MAX_PROBLEMS:
            problems += salvaged(merged.tree, shelf)
    plan = resolve(written) if written is not None else None
    files: dict[str, str] = {}
    if plan is not None and written is not None and merged.tree is not None:
        more, files = lint(View(plan, written, merged.tree, shelf))
        problems += more
    if any(p.blocks for p in problems):
        plan = None
        problems = [p for p in problems if p.severity != "note"]
    revision = revision_of(plan, files) if plan is not None else ""
    return Loaded(
        path=shelf.shown(name),
        plan=plan,
        problems=in_order(problems[:MAX_SHOWN]),
        revision=revision,
        sources=merged.sources,
        files=files,
        tree=merged.tree if merged.tree is not None else Map(),
    )
