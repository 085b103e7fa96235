"""The page that leads a stranger through a call is true, name by name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "WAY_OF_A_CALL.md").read_text()
STEPS = re.findall(r"^\| .+? \| `([\w/]+\.py)` \| `([\w.]+)` \|$", PAGE, re.MULTILINE)
MOST_FILES = 20


def names(path: Path) -> set[str]:
    """Functions and classes of a module, and the methods of its classes as `Class.method`."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            inside = (n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
            found |= {node.name, *(f"{node.name}.{method.name}" for method in inside)}
    return found


@pytest.mark.parametrize(("file", "name"), STEPS, ids=[name for _, name in STEPS])
def test_every_step_names_what_there_is(file: str, name: str) -> None:
    """A renamed function takes its line on the page along."""
    assert name in names(ROOT / file)


def test_the_whole_way_is_a_handful_of_files() -> None:
    """Every row of the table is read as a step, and few files are enough."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "`" in line]

    assert len(rows) == len(STEPS)
    assert len({file for file, _ in STEPS}) <= MOST_FILES
