"""Telephones that know MD5 and give up at the first challenge that is by something else."""

from __future__ import annotations

import pytest

from sip.bridge.registrar.old_telephones import REMEMBERED, OldTelephones
from tests.sip.bridge.registrar.conftest import Office
from tests.sip.bridge.registrar.desk import Desk, desk

BOTH = ["SHA-256", "MD5"]


async def asked_by(ann: Desk) -> list[str]:
    """The algorithms of a 401, in their order."""
    answer = await ann.ask((ann.contact,), {})
    offered = answer.headers.get("www-authenticate")
    return [each.partition("algorithm=")[2] for each in offered]


@pytest.mark.virtual_time(alone=True)
async def test_who_comes_again_without_a_proof_is_asked_by_md5_alone(office: Office) -> None:
    """And registers by it, and is asked so from then on."""
    async with desk(office.address) as ann:
        before = [await asked_by(ann), await asked_by(ann)]
        answer = await ann.register(ann.contact)
        after = await asked_by(ann)

    assert before == [BOTH, ["MD5"]]
    assert answer.status_code == 200
    assert after == ["MD5"]


@pytest.mark.virtual_time(alone=True)
async def test_who_can_do_better_is_asked_for_it(office: Office) -> None:
    """A telephone that is switched off in the middle of it is not an old one."""
    async with desk(office.address) as ann:
        await ann.register(ann.contact)
        again = await asked_by(ann)
        await ann.register(ann.contact)  # by MD5: it was asked before, and did not prove itself
        async with desk(office.address, name="bob", password="word") as bob:
            other = await asked_by(bob)

    assert again == BOTH
    assert other == BOTH


@pytest.mark.parametrize(
    ("comings", "algorithm", "old"),
    [
        (1, "SHA-256", False),
        (1, "MD5", False),
        (2, "MD5", True),
        (2, "", True),
        (2, "md5", True),
        (2, "SHA-256", False),
        (5, "sha-256", False),
    ],
)
def test_a_better_proof_ends_it(comings: int, algorithm: str, old: bool) -> None:
    known = OldTelephones()
    for _ in range(comings):
        known.comes("192.0.2.1", "ann", 0)
    known.proved("192.0.2.1", "ann", algorithm)

    assert known.comes("192.0.2.1", "ann", 9) is old
    assert known.comes("192.0.2.2", "ann", 9) is False


def test_strangers_cost_no_memory_without_end() -> None:
    known = OldTelephones()
    known.comes("192.0.2.1", "ann", 0)
    for number in range(REMEMBERED):
        known.comes("192.0.2.9", str(number), 1)

    assert known.comes("192.0.2.1", "ann", 2) is False


def test_a_telephone_has_another_chance_after_a_day() -> None:
    """It may have got new software, or was only cut off between the question and its answer."""
    known = OldTelephones()
    found = [known.comes("192.0.2.1", "ann", hour * 3600) for hour in (0, 1, 20, 26, 27)]

    assert found == [False, True, True, False, True]
