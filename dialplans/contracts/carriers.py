"""Whether the carriers that calls out go to are there, as the SIP leg last found them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

CARRIERS = "switchboard:carriers"
"""Under keys in Redis that begin so each SIP leg says it, as a JSON list of `CarrierState`."""


class CarrierState(msgspec.Struct, frozen=True, kw_only=True):
    """One address of a trunk, or the trunk alone where its name leads to none."""

    trunk: str
    address: str = ""
    up: bool = True
    ms: float | None = None
    """How long it took to answer."""
    detail: str = ""
    """Why it is not up."""


def carriers_of(leg: str) -> str:
    """The key of the leg of this name: what one reaches another may not."""
    return f"{CARRIERS}:{leg}"


def down_by_leg(states: Mapping[str, list[CarrierState]]) -> list[str]:
    """What is down for all legs once, and else who finds it so; by the leg's name."""
    told: dict[str, list[str]] = {}
    for leg, found in states.items():
        for said in down(found):
            told.setdefault(said, []).append(leg)
    return [
        said if len(legs) == len(states) else f"{said} (for {', '.join(legs)})"
        for said, legs in told.items()
    ]


def down(states: list[CarrierState]) -> list[str]:
    """A sentence for each that is not up, for people."""
    return [
        f"trunk {state.trunk}: {state.detail or 'no answer'}"
        for state in sorted(states, key=lambda state: (state.trunk, state.address))
        if not state.up
    ]
