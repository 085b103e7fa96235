"""A person sits in one place: calls of their queues ring at one telephone. Whether somebody has an
account of that name is known where the accounts are, which is not where plans are written."""

from __future__ import annotations

from collections.abc import Iterator

from dialplans.language.lint.view import View
from dialplans.language.problems import Problem


def check(view: View) -> Iterator[Problem]:
    seats: dict[str, str] = {}
    for name, telephone in view.written.telephones.items():
        if telephone.person is None:
            continue
        first = seats.setdefault(telephone.person, name)
        if first != name:
            yield view.at(
                ("telephones", name, "person"),
                "E_SEAT",
                f"'{telephone.person}' has telephone '{first}' already",
                "register both as one: several may have the name and password of a telephone",
            )
