"""Programs that `make test` installs."""

from __future__ import annotations

import shutil


def program(name: str) -> str:
    """Its path. A test that needs it fails where it is missing: a skipped one looks like a good
    one."""
    found = shutil.which(name)
    assert found, f"{name} is not installed: `make test` installs it"
    return found
