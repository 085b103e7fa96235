"""Whether the carriers that calls out go to are there, as the SIP leg last found them."""

from __future__ import annotations

import msgspec

CARRIERS = "switchboard:carriers"
"""The key in Redis under which the leg says it, as a JSON list of `CarrierState`."""


class CarrierState(msgspec.Struct, frozen=True, kw_only=True):
    """One address of a trunk, or the trunk alone where its name leads to none."""

    trunk: str
    address: str = ""
    up: bool = True
    ms: float | None = None
    """How long it took to answer."""
    detail: str = ""
    """Why it is not up."""


def down(states: list[CarrierState]) -> list[str]:
    """A sentence for each that is not up, for people."""
    return [
        f"trunk {state.trunk}: {state.detail or 'no answer'}"
        for state in sorted(states, key=lambda state: (state.trunk, state.address))
        if not state.up
    ]
