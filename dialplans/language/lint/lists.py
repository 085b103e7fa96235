"""Numbers that are written twice, or that another entry already covers."""

from __future__ import annotations

from collections.abc import Iterator

from dialplans.language.build import Path
from dialplans.language.lint.view import View
from dialplans.language.problems import Problem
from dialplans.telephony.wildcards import covers


def check(view: View) -> Iterator[Problem]:
    plan = view.written
    for name, patterns in plan.lists.items():
        yield from _covered(view, ("lists", name), patterns)
    yield from _covered(view, ("limits", "dial_out"), plan.limits.dial_out)
    if not plan.numbers:
        said = "no number is ours: this plan answers no call"
        yield Problem(view.tree.place, "W_NO_NUMBERS", said, "add numbers:")
    for key, number in plan.numbers.items():
        if number.trunk is None and not key.startswith("web"):
            hint = f"known: {', '.join(plan.trunks)}" if plan.trunks else "add trunks:"
            said = f"'{key}' has no trunk that could bring its calls"
            yield view.of(("numbers", key), "E_MISSING", said, hint)


def _covered(view: View, path: Path, patterns: tuple[str, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    prefixes = {p for p in patterns if p.endswith("*")}
    for n, pattern in enumerate(patterns):
        stem = pattern.rstrip("*")
        wider = [f"{stem[:i]}*" for i in range(len(stem) + 1) if f"{stem[:i]}*" in prefixes]
        wider = [w for w in wider if w != pattern and covers(w, pattern)]
        if pattern in seen:
            yield view.at((*path, n), "W_DUPLICATE", f"'{pattern}' is written twice", "remove one")
        elif wider:
            said = f"'{wider[0]}' already covers '{pattern}'"
            yield view.at((*path, n), "W_DUPLICATE", said, "remove one of the two")
        seen.add(pattern)
