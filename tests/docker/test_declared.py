"""What our code imports, our own `pyproject.toml` asks for: another package's dependency may go."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata

import pytest

from gateway.local.bootstrap import ROOT

OURS = {"agents", "dialplans", "gateway", "sip", "tests"}
NAMESPACES = {
    "google": "protobuf",
    "livekit": "livekit",
}
"""Folders that several distributions share; the one that ours is about."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def names(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[\[=<>!~ ;]", one, maxsplit=1)[0]) for one in requirements}


def normal(name: str) -> str:
    """As PEP 503 compares them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(package: str) -> dict[str, str]:
    """Top-level module → one file that imports it."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                wanted = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                wanted = [node.module]
            else:
                continue
            for name in wanted:
                found.setdefault(name.split(".")[0], str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize("package", sorted(OURS))
def test_every_package_that_is_imported_is_declared(package: str) -> None:
    """`tests` may use those of the development group besides."""
    declared = names(PROJECT["project"]["dependencies"])
    if package == "tests":
        declared |= names(PROJECT["dependency-groups"]["dev"])
    known = metadata.packages_distributions()

    undeclared = {
        module: where
        for module, where in imported(package).items()
        if module not in OURS
        and module not in sys.stdlib_module_names
        and not declared & {normal(NAMESPACES.get(module, one)) for one in known.get(module, [])}
    }

    assert not undeclared
