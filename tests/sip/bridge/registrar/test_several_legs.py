"""Which of several legs rings a telephone: nothing but what each knows of the others."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from sip.bridge.registrar.binding_store import Bindings
from sip.bridge.registrar.bindings import Binding
from sip.bridge.registrar.telephones import Telephones
from tests.sip.bridge.caller import Phones, phones
from tests.sip.bridge.registrar.conftest import Kept, plan
from tests.sip.bridge.registrar.desk import desk

SECRETS = {"ANN": "secret", "BOB": "word"}


@dataclass
class Others:
    """By name, whether each takes calls."""

    there: dict[str, bool] = field(default_factory=dict)

    @property
    def any_other(self) -> bool:
        return bool(self.there)

    def takes(self, name: str) -> bool:
        return self.there.get(name, False)


@pytest.fixture
async def line() -> AsyncIterator[Phones]:
    async with phones() as made:
        yield made


async def rings(line: Phones, at: list[str], others: dict[str, bool], name: str = "ann") -> bool:
    """Whether the leg `here` is the one for a telephone that is registered at these."""
    until = time.time() + 60
    places = tuple(
        Binding(f"sip:ann@192.0.2.{n}", f"192.0.2.{n}", 5060, False, until, "id", 1, leg=leg)
        for n, leg in enumerate(at, start=1)
    )
    kept: dict[str, Bindings] = {"ann": places} if places else {}
    made = Telephones(line.endpoint, Kept(kept), SECRETS, leg="here", legs=Others(others))
    made.follow(plan())
    return await made.rung_from_here(name)


@pytest.mark.parametrize(
    ("at", "others", "ours"),
    [
        (["there"], {"there": True}, False),
        (["here"], {"there": True}, True),
        (["here", "there"], {"there": True}, True),
        (["there", "third"], {"third": True}, False),
        (["there"], {"there": False}, True),
        (["there"], {"third": True}, True),
        ([""], {"there": True}, True),
        ([], {"there": True}, True),
        (["there"], {}, True),
    ],
)
async def test_a_telephone_is_rung_by_a_leg_that_it_registered_with(
    line: Phones, at: list[str], others: dict[str, bool], ours: bool
) -> None:
    """Unless none of those is there and takes calls: then whoever is asked tries."""
    assert await rings(line, at, others) is ours


async def test_who_is_no_telephone_is_refused_by_whoever_is_asked(line: Phones) -> None:
    assert await rings(line, ["there"], {"there": True}, "nobody")


async def test_only_what_a_register_has_made_is_rung_from_here(line: Phones) -> None:
    """Another place of the same telephone stays with the leg that it is at."""
    async with desk(("127.0.0.1", 5060)) as ann:
        until = time.time() + 60
        there = Binding("sip:ann@192.0.2.9", "192.0.2.9", 5060, False, until, "id", 1, leg="there")
        new = replace(there, contact="sip:ann@192.0.2.1", host="192.0.2.1", leg="")
        kept: dict[str, Bindings] = {"ann": (there,)}
        made = Telephones(line.endpoint, Kept(kept), SECRETS, leg="here", legs=Others())
        made.follow(plan())
        await made.look_up("ann")
        made.bind("ann", (there, new), await ann.line.flow(("127.0.0.1", 5060)))

        assert {(one.host, one.leg) for one in kept["ann"]} == {
            ("192.0.2.9", "there"),
            ("192.0.2.1", "here"),
        }
