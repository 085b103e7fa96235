"""The programs we start but did not write: where they are, and what to do when they are not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from gateway.local.layout import Layout

LIVEKIT_SERVER_VERSION = "1.13.5"
LIVEKIT_SIP_VERSION = "1.11.0"


class MissingToolError(RuntimeError):
    """Its text is one line: what is missing and how to get it."""


def redis_server() -> Path:
    found = shutil.which("redis-server")
    if not found:
        raise MissingToolError("redis-server is not installed: run `apt-get install redis-server`")
    return Path(found)


def livekit_server(layout: Layout) -> Path:
    """Ours if it was built, else the one on the PATH if it is the version this code was read for.

    `SWITCHBOARD_LIVEKIT_SERVER` names a binary of any version, on the operator's own account.
    """
    chosen = os.environ.get("SWITCHBOARD_LIVEKIT_SERVER")
    if chosen:
        return Path(chosen)
    built = layout.cache / "bin" / "livekit-server"
    if built.exists():
        return built
    on_path = shutil.which("livekit-server")
    if on_path is None:
        raise MissingToolError(
            f"livekit-server {LIVEKIT_SERVER_VERSION} is missing: run `make servers` to build it"
        )
    version = version_of(Path(on_path))
    if version != LIVEKIT_SERVER_VERSION:
        raise MissingToolError(
            f"{on_path} is livekit-server {version}, this needs {LIVEKIT_SERVER_VERSION}: "
            "run `make servers`, or set SWITCHBOARD_LIVEKIT_SERVER to use it all the same"
        )
    return Path(on_path)


def livekit_sip() -> Path:
    found = os.environ.get("SWITCHBOARD_LIVEKIT_SIP") or shutil.which("livekit-sip")
    if not found:
        raise MissingToolError(
            "livekit-sip is not on the PATH: get it from github.com/livekit/sip/releases or use its"
            " container (docker/README.md), or start with `--sip bridge`"
        )
    return Path(found)


def version_of(binary: Path) -> str:
    """`unknown` for a program that does not print `… version 1.2.3`."""
    try:
        done = subprocess.run(
            [str(binary), "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    found = re.search(r"version v?(\d+\.\d+\.\d+)", done.stdout)
    return found.group(1) if found else "unknown"
