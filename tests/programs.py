"""Programs that tests start: those that `make test` installs, and Python ones."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

BYTECODE = Path(__file__).resolve().parents[1] / ".cache" / "bytecode"


def keep_bytecode() -> None:
    """Where Python is told to write no bytecode, what it compiled is kept away from the code. Else
    each program that a test starts compiles all it loads anew, which is half of what it costs."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(BYTECODE)
        sys.dont_write_bytecode = False


def program(name: str) -> str:
    """Its path. A test that needs it fails where it is missing: a skipped one looks like a good
    one."""
    found = shutil.which(name)
    assert found, f"{name} is not installed: `make test` installs it"
    return found
