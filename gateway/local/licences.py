"""`python -m gateway.local.licences`: prints THIRD_PARTY.md, from the lock files and what the
installed packages say of themselves. A test fails when the committed list is out of date."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OURS = "switchboard"
SPOKEN = {
    "MIT License": "MIT",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "ISC License": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
OWN_TERMS = "SEE LICENSE IN"

HEADING = """# What Switchboard stands on

Made by `make licences` from `uv.lock` and `web/package-lock.json`; do not edit.

Switchboard itself is under the Apache License 2.0 (`LICENSE`). It changes none of these packages;
they are installed beside it, each under its own terms.

Two carry terms of LiveKit's own, and nothing of them is used unless it is switched on:
`livekit-plugins-noise-cancellation` works with LiveKit Cloud only, under LiveKit's terms of
service; the turn detector's weights in `livekit-local-inference` may be used together with
LiveKit Agents.
"""

PROGRAMS = """
## Programs

Started as processes of their own, installed by you, and part of no package of ours.

| program | licence | for |
|---|---|---|
| redis-server 7.0 | BSD-3-Clause | running |
| livekit-server | Apache-2.0 | running; `docker/servers/go.mod` pins what it is built from |
| livekit-sip | Apache-2.0 | running, in place of the embedded bridge |
| PostgreSQL | PostgreSQL | running past one machine |
| espeak-ng | GPL | a program of its own, the German voice where no other is set |
| sox, ffmpeg, SIPp | GPL | tests and measurements only |
| Chromium | BSD-3-Clause | tests only |
"""


def main() -> int:
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    sys.stdout.write(render(lock, ROOT / "web" / "package-lock.json"))
    return 0


def render(lock: dict[str, Any], web_lock: Path) -> str:
    versions = {p["name"]: p.get("version", "") for p in lock["package"]}
    rows = [(name, versions[name], licence(name)) for name in sorted(runtime(lock))]
    text = HEADING + "\n## Python\n\n" + table(rows)
    if web_lock.exists():
        text += "\n## The console in the browser\n\n" + table(web_rows(web_lock))
    return text + PROGRAMS


def runtime(lock: dict[str, Any]) -> set[str]:
    """Everything that a user installs; what only developers need is left out."""
    packages = {p["name"]: p for p in lock["package"]}
    found: set[str] = set()
    waiting = [OURS]
    while waiting:
        for dependency in packages[waiting.pop()].get("dependencies", []):
            name = dependency["name"]
            if name not in found and name in packages:
                found.add(name)
                waiting.append(name)
    return found


def licence(name: str) -> str:
    """In SPDX's words where the package has a known name for it."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return "not installed on this platform"
    classifiers = [
        c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or [] if "License" in c
    ]
    text = said["License-Expression"] or said["License"] or " / ".join(classifiers) or "unknown"
    if text.startswith(OWN_TERMS):
        return "LiveKit's terms of service"
    first = re.split(r"\s{2,}|\n", text.strip())[0]
    return SPOKEN.get(first, first)


def web_rows(lock: Path) -> list[tuple[str, str, str]]:
    packages = json.loads(lock.read_text("utf-8"))["packages"]
    return sorted(
        (path.rpartition("node_modules/")[2], said["version"], said.get("license", "unknown"))
        for path, said in packages.items()
        if path and not said.get("dev") and not said.get("optional")
    )


def table(rows: list[tuple[str, str, str]]) -> str:
    lines = [f"| {name} | {version} | {terms} |" for name, version, terms in rows]
    return "\n".join(["| package | version | licence |", "|---|---|---|", *lines]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
