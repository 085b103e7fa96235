"""The folders are rooms that a stranger can take in at a glance, those of the tests as well."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agents", "dialplans", "gateway", "sip", "tests")
ROOMS = sorted(
    {module.parent for package in PACKAGES for module in (ROOT / package).rglob("*.py")}
    - {ROOT / "gateway/storage/migrations/versions"}
)
MOST = 15
"""Modules of one room, `__init__.py` among them."""
LISTS = {ROOT / "tests/bench"}
"""Folders that are one list: each measurement is a program that is run by its name."""
LONGEST = 330
"""Lines of one module; a generated one may have more."""


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(ROOT)))
def test_a_room_says_in_one_line_what_it_is_for_and_is_small(room: Path) -> None:
    """Somebody who opens a folder reads one line and sees a list that fits into the head."""
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""

    assert len(said.splitlines()[0]) > 20
    assert room in LISTS or len(list(room.glob("*.py"))) <= MOST


def test_no_module_is_long() -> None:
    """What has more lines than this does two things."""
    modules = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    lines = {path.relative_to(ROOT): path.read_text().count("\n") for path in modules}

    assert {
        path for path, count in lines.items() if count > LONGEST and "_pb2" not in path.name
    } == set()
