"""While a secret is asked for the leg is sealed: who is told, and who hears the caller."""

from __future__ import annotations

import asyncio
from pathlib import Path

from agents.doctor import of_leg
from agents.job.seal import Seal
from agents.stage_factory import PERSONAS
from agents.stages.takeover import fall_silent, speak_again
from dialplans.contracts.actor import Actor, ActorKind
from dialplans.contracts.jobs import SEALED
from dialplans.language.leg_capabilities import ASKING_FOR_SECRETS, EMBEDDED, LIVEKIT_SIP
from dialplans.language.load import load
from tests.agents.calling import BILLING, call_to
from tests.fakes.language_model import calls

ROOT = Path(__file__).parents[3]


class Tells:
    """A room that notes what its agent says of itself; `gone` cannot be told anything."""

    def __init__(self, *, gone: bool = False) -> None:
        self.local_participant = self
        self.gone = gone
        self.told: list[str] = []

    async def set_attributes(self, attributes: dict[str, str]) -> None:
        await asyncio.sleep(0)
        if self.gone:
            raise RuntimeError("not connected")
        self.told.append(attributes[SEALED])


async def test_the_leg_is_told_to_seal_and_to_open_again() -> None:
    """The last word counts, also of those that come while one is on its way."""
    room = Tells()
    seal, lost = Seal(room), Seal(Tells(gone=True))  # type: ignore[arg-type]
    for on in (True, False, True):
        seal.set(on)
        await asyncio.sleep(0.01)
    for on in (False, True, False):
        seal.set(on)
        lost.set(on)
    await asyncio.sleep(0.01)
    await seal.close()
    await lost.close()

    assert room.told == ["yes", "", "yes", ""]


async def test_what_could_not_be_told_while_the_room_was_away_is_told_when_it_is_back() -> None:
    room = Tells(gone=True)
    seal = Seal(room)  # type: ignore[arg-type]
    seal.set(True)
    await asyncio.sleep(0.01)
    room.gone = False
    seal.again()
    seal.again()
    await asyncio.sleep(0.01)
    await seal.close()

    assert room.told == ["yes"]


async def test_a_person_who_takes_a_sealed_call_hears_the_caller(tmp_path: Path) -> None:
    told: list[bool] = []
    async with call_to(BILLING, calls("balance"), home=tmp_path) as call:
        call.state.guard = told.append
        await call.says("my balance")
        sealed = list(told)
        await fall_silent(call.session, Actor(ActorKind.AGENT, "Ann"))
        taken = told[-1]
        await speak_again(call.session)

        assert sealed[-1] is True
        assert taken is False
        assert told[-1] is True


def test_the_doctor_says_what_another_leg_cannot_do() -> None:
    plan = load(ROOT / "dialplans" / "main.yaml").plan
    assert plan is not None
    behind = of_leg(plan, LIVEKIT_SIP)
    (ours,) = of_leg(plan, EMBEDDED)

    assert any(finding.why.startswith("persona billing: ") for finding in behind)
    assert {f.state for f in behind} == {"problem"}
    assert (ours.active, ours.state) == ("bridge", "ok")


def test_every_shipped_persona_that_seals_is_known_to_ask_for_a_secret() -> None:
    sealing = {name for name, persona in PERSONAS.items() if hasattr(persona, "seal")}

    assert sealing == ASKING_FOR_SECRETS
