"""Mutants of what decides first: trunks, lists, numbers, rules and their conditions."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from dialplans.analysis.changes import said
from dialplans.analysis.mutation.mutants import GONE, Mutant, Path, changed, elsewhere
from dialplans.model import Dialplan, Reject, Share, Split, When
from dialplans.model.routes import NUMBER_CONDITIONS

NO_LANGUAGE = "zz"
"""A language that no rule asks for."""
SHIFT = 10
"""Percentage points that move from one branch of a split to the next."""


def of_rules(plan: Dialplan) -> Iterator[Mutant]:
    yield from _trunks(plan)
    for name, entries in plan.lists.items():
        yield from _patterns(plan, ("lists", name), entries)
    yield from _numbers(plan)
    for name, rules in plan.routes.items():
        for index, rule in enumerate(rules):
            path: Path = ("routes", name, index)
            if index + 1 < len(rules):
                yield changed(plan, path, GONE, was=said(rule))
                swapped = (*rules[:index], rules[index + 1], rule, *rules[index + 2 :])
                built = changed(plan, ("routes", name), swapped, was="-", now="-")
                order = f"before rule {index + 2}", f"after rule {index + 2}"
                yield Mutant(path, *order, built.plan)
            yield from _conditions(plan, (*path, "when"), rule.when)
            if isinstance(rule.do, Split):
                yield from _split(plan, (*path, "do"), rule.do)
            elif isinstance(rule.do, Reject):
                code = 486 if rule.do.reject != 486 else 603
                yield changed(plan, (*path, "do", "reject"), code)
            else:
                yield from elsewhere(plan, (*path, "do"))


def _trunks(plan: Dialplan) -> Iterator[Mutant]:
    for name, trunk in plan.trunks.items():
        if trunk.trusted:
            yield changed(plan, ("trunks", name, "trusted"), False)
        for index, entry in enumerate(trunk.allow):
            path: Path = ("trunks", name, "allow", index)
            network = ipaddress.ip_network(entry)
            if len(trunk.allow) > 1:
                yield changed(plan, path, GONE, was=entry)
            if network.prefixlen:
                yield changed(plan, path, str(network.supernet()))
            if network.prefixlen < network.max_prefixlen:
                yield changed(plan, path, str(next(network.subnets())))


def _patterns(plan: Dialplan, path: Path, entries: tuple[str, ...]) -> Iterator[Mutant]:
    """Each entry missing; each prefix a digit shorter and so wider."""
    for index, entry in enumerate(entries):
        here = (*path, index)
        if len(entries) > 1 or path[0] == "lists":
            yield changed(plan, here, GONE, was=entry)
        if entry.endswith("*") and len(entry) > 3:
            yield changed(plan, here, f"{entry[:-2]}*")


def _numbers(plan: Dialplan) -> Iterator[Mutant]:
    asked = {x for rules in plan.routes.values() for rule in rules for x in rule.when.language}
    for key, number in plan.numbers.items():
        path: Path = ("numbers", key)
        yield changed(plan, path, GONE, was="ours")
        other = next((r for r in plan.routes if r != number.route), None)
        if other is not None:
            yield changed(plan, (*path, "route"), other)
        if number.timezone is not None:
            zone = plan.timezone if plan.timezone != number.timezone else "Pacific/Auckland"
            yield changed(plan, (*path, "timezone"), zone)
        if number.language is not None and number.language in asked:
            yield changed(plan, (*path, "language"), NO_LANGUAGE)
    yield changed(
        plan, ("timezone",), "Pacific/Auckland" if plan.timezone != "Pacific/Auckland" else "UTC"
    )


def _conditions(plan: Dialplan, path: Path, when: When) -> Iterator[Mutant]:
    for name in (*NUMBER_CONDITIONS, "language"):
        entries = getattr(when, name)
        if entries:
            yield changed(plan, (*path, name), (), was=said(entries), now="any")
            if name != "language":
                yield from _patterns(plan, (*path, name), entries)
            elif len(entries) > 1:
                for index in range(len(entries)):
                    yield changed(plan, (*path, name, index), GONE)
    if when.hours is not None:
        yield changed(plan, (*path, "hours"), None, now="any time")
        flipped = "open" if when.state == "closed" else "closed"
        yield changed(plan, (*path, "state"), flipped)
        other = next((h for h in plan.hours if h != when.hours), None)
        if other is not None:
            yield changed(plan, (*path, "hours"), other)
    for header, pattern in when.header.items():
        yield changed(plan, (*path, "header", header), GONE, was=pattern)
        if "*" in pattern:
            yield changed(plan, (*path, "header", header), pattern.replace("*", "", 1))


def _split(plan: Dialplan, path: Path, split: Split) -> Iterator[Mutant]:
    """Some points from each branch to the next; each branch leads where the next one does."""
    shares = split.split
    for index, share in enumerate(shares):
        following = (index + 1) % len(shares)
        points = min(SHIFT, share.percent)
        if points:
            moved = list(shares)
            moved[index] = Share(share.kind, share.name, share.percent - points)
            taker = shares[following]
            moved[following] = Share(taker.kind, taker.name, taker.percent + points)
            was, now = f"{share}: {share.percent}", f"{share}: {share.percent - points}"
            yield changed(plan, (*path, "split"), tuple(moved), was=was, now=now)
    other = "call" if split.sticky == "caller" else "caller"
    yield changed(plan, (*path, "sticky"), other)
