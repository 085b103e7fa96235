"""Everything starts with the packages that its installation brings, without those of the tests."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from gateway.local.bootstrap import ROOT, WITHOUT_TESTS, uv

OURS = ("agents", "dialplans", "gateway", "sip")
IMPORTS = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
        # Some of these run at once, and Alembic runs the other.
        if not found.name.endswith(("__main__", "migrations.env")):
            importlib.import_module(found.name)
"""
IMAGES = {
    "gateway": ("gateway.__main__", "sip.__main__"),
    "agents": ("agents", "dialplans"),
}
"""What `docker/compose.yaml` starts in each image. Only the gateway's leaves out some of what it
copies: telephones and models run elsewhere."""


def install(folder: Path, options: list[str], *, packages: list[str]) -> str:
    """Our packages and no others beside an environment of their own; its Python."""
    for name in ("pyproject.toml", "uv.lock", "README.md", *packages):
        (folder / name).symlink_to(ROOT / name)
    command = [uv(), "sync", "--quiet", *options]
    mine = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
    subprocess.run(command, cwd=folder, env=mine, check=True)
    return str(folder / ".venv" / "bin" / "python")


def imported(python: str, folder: Path, *modules: str) -> str:
    """What went wrong; nothing if all could be imported."""
    done = subprocess.run(
        [python, "-c", IMPORTS, *modules], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stderr if done.returncode else ""


def test_make_up_installs_whatever_the_product_imports(tmp_path: Path) -> None:
    options = ["--locked", "--no-install-project", *WITHOUT_TESTS]
    python = install(tmp_path, options, packages=[*OURS])

    assert "No module named 'pytest'" in imported(python, tmp_path, "pytest")
    assert imported(python, tmp_path, *OURS) == ""


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_has_whatever_its_processes_import(image: str, tmp_path: Path) -> None:
    """The packages and the folders that its Dockerfile names."""
    text = (ROOT / "docker" / f"Dockerfile.{image}").read_text("utf-8").replace("\\\n", " ")
    synced = re.search(r"^RUN uv sync (.+)$", text, re.MULTILINE)
    assert synced
    copied = re.findall(rf"^COPY ({'|'.join(OURS)})/ ", text, re.MULTILINE)
    python = install(tmp_path, shlex.split(synced[1]), packages=copied)

    assert imported(python, tmp_path, *IMAGES[image]) == ""
