"""Tests that a plan carries: what happens in them must be something that can happen."""

from __future__ import annotations

from collections.abc import Iterator

from dialplans.engine.call_inputs import UnknownHappeningError, happening
from dialplans.language.lint.view import View
from dialplans.language.problems import Problem


def check(view: View) -> Iterator[Problem]:
    names: dict[str, int] = {}
    for n, test in enumerate(view.written.tests):
        if test.name in names:
            said = f"two tests are called '{test.name}'"
            yield view.at(("tests", n, "name"), "W_TEST_NAME", said, "give each its own name")
        names[test.name] = n
        for i, event in enumerate(test.events):
            try:
                happening(event)
            except UnknownHappeningError as error:
                said, _, hint = str(error).partition("; ")
                yield view.at(("tests", n, "events", i), "E_EVENT", said, hint)
