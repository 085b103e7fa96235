"""Everything starts with the packages that its installation brings, without those of the tests."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Installed:
    """Our packages and no others beside the environment that all tests here bring up to date in
    turn: what one has compiled the next need not."""

    folder: Path
    home: Path

    def install(self, options: list[str], *, packages: list[str]) -> None:
        for name in ("pyproject.toml", "uv.lock", "README.md", *packages):
            (self.folder / name).symlink_to(ROOT / name)
        command = [uv(), "sync", "--quiet", *options]
        subprocess.run(command, cwd=self.folder, env=self._env(), check=True)

    def imported(self, *modules: str) -> str:
        """What went wrong; nothing if all could be imported."""
        command = [str(self.home / "bin" / "python"), "-c", IMPORTS, *modules]
        done = subprocess.run(
            command, cwd=self.folder, env=self._env(), capture_output=True, text=True, check=False
        )
        return done.stderr if done.returncode else ""

    def _env(self) -> dict[str, str]:
        left_out = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
        return {k: v for k, v in os.environ.items() if k not in left_out} | {
            "UV_PROJECT_ENVIRONMENT": str(self.home),
            "PYTHONPYCACHEPREFIX": str(self.home / "bytecode"),
        }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("installed")


@pytest.fixture
def installed(tmp_path: Path, home: Path) -> Installed:
    return Installed(tmp_path, home)


def test_make_up_installs_whatever_the_product_imports(installed: Installed) -> None:
    options = ["--locked", "--no-install-project", *WITHOUT_TESTS]
    installed.install(options, packages=[*OURS])

    assert "No module named 'pytest'" in installed.imported("pytest")
    assert installed.imported(*OURS) == ""


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_has_whatever_its_processes_import(image: str, installed: Installed) -> None:
    """The packages and the folders that its Dockerfile names."""
    text = (ROOT / "docker" / f"Dockerfile.{image}").read_text("utf-8").replace("\\\n", " ")
    synced = re.search(r"^RUN uv sync (.+)$", text, re.MULTILINE)
    assert synced
    copied = re.findall(rf"^COPY ({'|'.join(OURS)})/ ", text, re.MULTILINE)
    installed.install(shlex.split(synced[1]), packages=copied)

    assert installed.imported(*IMAGES[image]) == ""
