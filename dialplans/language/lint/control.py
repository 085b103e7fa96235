"""Characters that are orders to a machine: `"\\0"`, `"\\e[31m"`, `"\\a"`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialplans.language.lint.view import View, texts
from dialplans.language.problems import Problem
from dialplans.language.yaml_tree import Node

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Of what is no letter, a tab and the end of a line may be written."""


def check(view: View) -> Iterator[Problem]:
    yield from within(view.tree)


def within(tree: Node) -> Iterator[Problem]:
    for text in texts(tree, keys=True):
        if found := _CONTROL.search(text):
            said = f"U+{ord(found[0]):04X} is a control character: nobody can say or show it"
            yield Problem(text.place, "E_CONTROL", said, "remove it")
