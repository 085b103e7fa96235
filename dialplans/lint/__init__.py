"""Everything that can be known to be wrong with a plan before a caller finds out."""

from __future__ import annotations

from dialplans.model import Dialplan
from dialplans.problems import Problem
from dialplans.reading import Shelf
from dialplans.source import Map


def lint(plan: Dialplan, tree: Map, shelf: Shelf) -> tuple[list[Problem], dict[str, str]]:
    """All problems of a plan, and the text of the prompts and intents that it names."""
    return [], {}
