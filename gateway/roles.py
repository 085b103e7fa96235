"""Who may do what: the one table. Routes name a permission, never a role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ROLES: Final = ("viewer", "agent", "supervisor", "operator", "admin")

PERMISSIONS: Final[dict[str, frozenset[str]]] = {
    # seeing
    "calls.read": frozenset({"viewer", "agent", "supervisor", "operator", "admin"}),
    "numbers.read": frozenset({"agent", "supervisor", "operator", "admin"}),
    "calls.export": frozenset({"supervisor", "admin"}),
    # hearing what was kept: whole calls, or what a caller said to a mailbox
    "recordings.hear": frozenset({"supervisor", "admin"}),
    "messages.hear": frozenset({"agent", "supervisor", "admin"}),
    # taking part
    "calls.listen": frozenset({"supervisor", "admin"}),
    "calls.whisper": frozenset({"supervisor", "admin"}),
    "calls.barge": frozenset({"supervisor", "admin"}),
    "calls.takeover": frozenset({"supervisor", "admin"}),
    "calls.coach": frozenset({"supervisor", "admin"}),
    "calls.say": frozenset({"supervisor", "admin"}),
    # acting on a call: anyone's, or only the one at one's own desk
    "calls.act": frozenset({"supervisor", "admin"}),
    "calls.act.own": frozenset({"agent", "supervisor", "admin"}),
    "calls.note": frozenset({"agent", "supervisor", "admin"}),
    "desk.read": frozenset({"agent", "supervisor", "admin"}),
    "desk.work": frozenset({"agent", "supervisor", "admin"}),
    # the dialplan
    "routing.read": frozenset({"supervisor", "operator", "admin"}),
    "routing.apply": frozenset({"operator", "admin"}),
    # the house
    "users.manage": frozenset({"admin"}),
    "keys.manage": frozenset({"admin"}),
    "audit.read": frozenset({"admin"}),
    # oneself
    "self": frozenset(ROLES),
}
"""permission → the roles that have it."""

PUBLIC: Final = "public"
"""What a route names instead of a permission when anybody may call it."""


def allowed(roles: Iterable[str], permission: str) -> bool:
    return not PERMISSIONS[permission].isdisjoint(roles)


def permissions(roles: Iterable[str]) -> list[str]:
    """Everything these roles may do, for the console to grey out the rest."""
    held = frozenset(roles)
    return sorted(p for p, who in PERMISSIONS.items() if who & held)
