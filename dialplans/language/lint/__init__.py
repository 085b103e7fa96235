"""Everything that can be known to be wrong with a plan before a caller finds out.

Each module is one kind of mistake: a function from a `View` to the problems it sees.
"""

from __future__ import annotations

from dialplans.language.lint import (
    dead_ends,
    files,
    numbers,
    references,
    rules,
    seats,
    speech,
    tests,
    text,
    times,
    unused,
)
from dialplans.language.lint.view import Check, View
from dialplans.language.problems import Problem

CHECKS: tuple[Check, ...] = (
    references.check,
    seats.check,
    rules.check,
    dead_ends.check,
    times.check,
    numbers.check,
    text.check,
    speech.check,
    tests.check,
    unused.check,
)


def lint(view: View) -> tuple[list[Problem], dict[str, str]]:
    """All problems of a plan, and the text of the prompts and intents that it names."""
    problems, texts = files.read(view)
    for check in CHECKS:
        problems += check(view)
    return problems, texts
