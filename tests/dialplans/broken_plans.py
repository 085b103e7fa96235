"""Plans that are wrong, and what `check` says of each: the tables in `broken/tables`.

An entry is `valid.yaml` with a change, as a diff: `-` is a line that is gone, `+` one that is there
instead, after the one before it, after the one that `@` names, or at the end. Where nothing of
`valid.yaml` is left an entry has a whole `plan`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "broken"
VALID = (FOLDER / "valid.yaml").read_text()
BESIDE = ("parts", "prompts")


@dataclass(frozen=True)
class Broken:
    plan: bytes
    said: str

    @property
    def text(self) -> str:
        return self.plan.decode(errors="replace")


def changed(text: str, change: str) -> str:
    *lines, _ = text.split("\n")
    at = len(lines)
    for sign, line in ((found[0], found[1:]) for found in change.split("\n")[:-1]):
        if sign == "+":
            lines.insert(at, line)
            at += 1
        elif sign == "-":
            at = _place(lines, line)
            del lines[at]
        else:
            assert sign == "@", sign
            at = _place(lines, line) + 1 if line else len(lines)
    return "\n".join([*lines, ""])


def _place(lines: list[str], line: str) -> int:
    assert lines.count(line) == 1, f"{line!r} stands {lines.count(line)} times in the plan"
    return lines.index(line)


def _read(table: str) -> Iterator[tuple[str, Broken]]:
    entries = yaml.safe_load(table)
    assert len(entries) == len(re.findall(r"^\w+:$", table, re.MULTILINE)), "a name comes twice"
    for name, entry in entries.items():
        plan = entry["plan"] if "plan" in entry else changed(VALID, entry["change"])
        yield f"{name}.yaml", Broken(plan.encode(entry.get("encoding", "utf-8")), entry["check"])


_FOUND = [one for file in (FOLDER / "tables").glob("*.yaml") for one in _read(file.read_text())]
BROKEN = dict(sorted(_FOUND))
"""By the name of the file that such a plan is in."""
assert len(BROKEN) == len(_FOUND), "two tables have one of the same name"


def write(folder: Path) -> None:
    """All of them, the one they are made from, and what they name."""
    for name in BESIDE:
        shutil.copytree(FOLDER / name, folder / name)
    shutil.copy(FOLDER / "valid.yaml", folder)
    for file, broken in BROKEN.items():
        (folder / file).write_bytes(broken.plan)
