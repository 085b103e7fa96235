"""The canonical form of a plan's file: one spacing, one way to quote, every comment kept."""

from __future__ import annotations

from dialplans.language.fmt.emit import emit
from dialplans.language.fmt.read import read
from dialplans.language.problems import Problem
from dialplans.language.yaml_tree import parse


class UnformattableError(Exception):
    """The text is not the YAML of our language; `problems` say where."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def format_text(text: str, file: str = "dialplan.yaml") -> str:
    """The same plan, comments and all, in canonical form; formatting twice changes nothing more.

    Raises UnformattableError. Order of keys, and the choice between one line and many, stay with
    the writer as far as a line of 120 columns allows.
    """
    _, problems = parse(text, file)
    if problems:
        raise UnformattableError(problems)
    return emit(*read(text))
