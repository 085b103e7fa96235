"""What must be done on the server so that it agrees with the dialplan: a value, nothing is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from livekit.protocol.sip import SIPDispatchRuleInfo, SIPInboundTrunkInfo

from sip.match import Difference, differences
from sip.objects import Existing, Wanted

Action = Literal["create", "update", "release", "delete"]

FEW = 10
"""Below this many objects of ours a share says nothing: one of three is already a third."""
SHARE = 0.3


@dataclass(frozen=True)
class ProvisioningStep:
    """One call to the server. `release` takes from a trunk the numbers that another will get."""

    action: Action
    name: str
    wanted: Wanted | None = None
    existing: Existing | None = None
    differences: tuple[Difference, ...] = ()
    keeps: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        found = self.wanted or self.existing
        assert found is not None
        return found.kind


@dataclass(frozen=True)
class Plan:
    """`steps` in an order that is safe to stop after any of them. `conflicts` are sentences about
    strangers' objects that stand in the way; `warnings` about ones that let anybody in."""

    steps: tuple[ProvisioningStep, ...]
    existing: int = 0
    strangers: tuple[Existing, ...] = ()
    conflicts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def touched(self) -> int:
        """How many objects that exist would be changed or deleted."""
        return len({s.existing.id for s in self.steps if s.existing is not None})

    @property
    def sweeping(self) -> bool:
        """More than a person is likely to have meant: an empty file, the wrong file."""
        return self.existing >= FEW and self.touched > SHARE * self.existing


def make_plan(wanted: Sequence[Wanted], there: Sequence[Existing], prefix: str) -> Plan:
    ours = [e for e in there if e.name.startswith(prefix)]
    strangers = [e for e in there if not e.name.startswith(prefix)]
    wanted = _one_for_all_numbers(wanted, strangers)
    kept, surplus = _pair(wanted, ours)
    moving = _moving(wanted, kept, surplus)
    return Plan(
        steps=tuple(_steps(wanted, kept, surplus, moving)),
        existing=len(ours),
        strangers=tuple(strangers),
        conflicts=tuple(_conflicts(wanted, strangers)),
        warnings=tuple(_open_doors(strangers)),
    )


def _one_for_all_numbers(
    wanted: Sequence[Wanted], strangers: Sequence[Existing]
) -> Sequence[Wanted]:
    """The server has one trunk without numbers at the most; a stranger's may stay."""
    taken = any(
        isinstance(each.message, SIPInboundTrunkInfo)
        and not each.message.numbers
        and not each.message.allowed_numbers
        for each in strangers
    )
    if not taken:
        return wanted
    left_out = {w.name for w in wanted if w.kind == "inbound" and not _numbers(w)}
    return [w for w in wanted if w.name not in left_out and w.trunk not in left_out]


def _pair(
    wanted: Sequence[Wanted], ours: Iterable[Existing]
) -> tuple[dict[str, Existing], list[Existing]]:
    """By kind and name; of two with the same name, which only a race can make, one is surplus."""
    names = {(w.kind, w.name) for w in wanted}
    kept: dict[str, Existing] = {}
    surplus = []
    for existing in sorted(ours, key=lambda e: e.id):
        if (existing.kind, existing.name) in names and existing.name not in kept:
            kept[existing.name] = existing
        else:
            surplus.append(existing)
    return kept, surplus


def _moving(
    wanted: Sequence[Wanted], kept: dict[str, Existing], surplus: Sequence[Existing]
) -> dict[str, tuple[str, ...]]:
    """Trunk id → its numbers that another trunk of ours will get.

    The server refuses a number on two trunks, even for the moment between two calls.
    """
    home = {number: w.name for w in wanted if w.kind == "inbound" for number in _numbers(w)}
    names = {e.id: name for name, e in kept.items()}
    found = {}
    for existing in [*kept.values(), *surplus]:
        if existing.kind == "inbound":
            own = names.get(existing.id)
            moves = tuple(n for n in _numbers(existing) if n in home and home[n] != own)
            if moves:
                found[existing.id] = moves
    return found


def _steps(
    wanted: Sequence[Wanted],
    kept: dict[str, Existing],
    surplus: Sequence[Existing],
    moving: dict[str, tuple[str, ...]],
) -> Iterable[ProvisioningStep]:
    """Make room, build up, take down. A rule is changed before its trunk goes, and made after its
    trunk is there: a rule without a trunk would let anybody in."""
    anew: set[str] = set()
    for existing in surplus:
        if existing.id in moving:
            yield ProvisioningStep("delete", existing.name, existing=existing)
    for name, existing in kept.items():
        if existing.id in moving:
            left = tuple(n for n in _numbers(existing) if n not in moving[existing.id])
            if left:
                yield ProvisioningStep("release", name, existing=existing, keeps=left)
            else:
                # With no number left it would stand for all numbers.
                anew.add(name)
                yield ProvisioningStep("delete", name, existing=existing)
    ids = {name: e.id for name, e in kept.items() if name not in anew}
    for each in sorted(wanted, key=lambda w: w.kind == "rule"):
        present = kept.get(each.name) if each.name not in anew else None
        if present is None:
            yield ProvisioningStep("create", each.name, wanted=each)
            continue
        changes = differences(each, present, ids.get(each.trunk or ""))
        if changes:
            yield ProvisioningStep("update", each.name, each, present, tuple(changes))
    for existing in sorted(surplus, key=lambda e: e.kind != "rule"):
        if existing.id not in moving:
            yield ProvisioningStep("delete", existing.name, existing=existing)


def _conflicts(wanted: Sequence[Wanted], strangers: Sequence[Existing]) -> Iterable[str]:
    home = {n: w.name for w in wanted if w.kind == "inbound" for n in _numbers(w)}
    for stranger in strangers:
        if stranger.kind == "inbound":
            for number in _numbers(stranger):
                if number in home and not stranger.message.allowed_numbers:  # type: ignore[union-attr]
                    yield (
                        f"{number} is already on the trunk {stranger.name or '(no name)'!r} "
                        f"({stranger.id}), which is not ours: delete it there or leave it out here"
                    )


def _open_doors(strangers: Sequence[Existing]) -> Iterable[str]:
    for stranger in strangers:
        message = stranger.message
        if isinstance(message, SIPDispatchRuleInfo) and not message.trunk_ids:
            yield (
                f"the rule {stranger.name or '(no name)'!r} ({stranger.id}) names no trunk: it lets"
                " calls in from any address without a password"
            )


def _numbers(found: Wanted | Existing) -> tuple[str, ...]:
    """Normalised as the server does before it compares."""
    message = found.message
    if not isinstance(message, SIPInboundTrunkInfo):
        return ()
    return tuple("+" + "".join(c for c in number if c.isdigit()) for number in message.numbers)
