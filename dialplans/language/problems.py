"""What is wrong with a plan, where, and what to do about it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from dialplans.language.codes import CODES

Severity = Literal["error", "warning", "note"]

LINE_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
"""Where YAML 1.1 counts a new line; `str.splitlines` knows more of them and would lose count."""

SHOWN = 140
"""So much of a source line is shown; a longer one is cut around the place."""


class Place(NamedTuple):
    """Lines and columns begin at 1; a column is a character. Made for every value of a plan."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    place: Place
    code: str
    message: str
    suggestion: str = ""

    @property
    def severity(self) -> Severity:
        return CODES[self.code].severity

    @property
    def blocks(self) -> bool:
        """Whether no plan can be built while this stands."""
        return CODES[self.code].blocks

    def as_json(self) -> dict[str, str | int]:
        """The shape that `check --json` promises."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "suggestion": self.suggestion,
        }


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By file, line and column, each once; files keep the order in which they are first named."""
    unique = list(dict.fromkeys(problems))
    files = {file: n for n, file in enumerate(dict.fromkeys(p.place.file for p in unique))}
    return tuple(
        sorted(unique, key=lambda p: (files[p.place.file], p.place.line, p.place.column, p.code))
    )


def render(problem: Problem, sources: Mapping[str, str]) -> str:
    """`file:line:col: CODE message`, the source line, a caret, and the suggestion."""
    suggestion = printed(problem.suggestion)
    parts = [printed(f"{problem.place}: {problem.code} {problem.message}")]
    if suggestion.startswith("did you mean"):
        parts[0] += f" ({suggestion})"
    parts += _picture(problem.place, sources.get(problem.place.file, ""))
    if suggestion and not suggestion.startswith("did you mean"):
        parts.append(f"    {suggestion}")
    return "\n".join(parts)


def printed(text: str) -> str:
    """On one line, with whatever a terminal would obey instead of show written out: `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def printed_lines(text: str) -> str:
    """The same for text of several lines; the lines stay."""
    return "\n".join(map(printed, text.split("\n")))


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _picture(place: Place, source: str) -> list[str]:
    lines = LINE_BREAK.split(source)
    if not source or place.line > len(lines):
        return []
    line = lines[place.line - 1]
    column = min(place.column - 1, len(line))
    start = max(0, min(column - SHOWN // 2, len(line) - SHOWN)) if len(line) > SHOWN else 0
    shown = "".join(c if c.isprintable() else " " for c in line[start : start + SHOWN])
    before = shown[: column - start]
    wide = sum(1 for c in before if unicodedata.east_asian_width(c) in "WF")
    return [f"    {shown.rstrip()}", "    " + " " * (len(before) + wide) + "^"]


def summary(problems: Iterable[Problem]) -> str:
    """The last line of a report, e.g. `2 errors, 1 note`."""
    counts = dict.fromkeys(("error", "warning", "note"), 0)
    for problem in problems:
        counts[problem.severity] += 1
    said = [f"{n} {word}{'s' if n > 1 else ''}" for word, n in counts.items() if n]
    return ", ".join(said) or "no problems"
