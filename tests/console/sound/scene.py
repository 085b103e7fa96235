"""The call on which sound is proved: who takes part, what the supervisor does, what ears heard."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livekit import api
from playwright.async_api import Page, expect

from dialplans.process.background import end
from sip.phone.call import PhoneCall
from sip.phone.ear import Segment
from tests.console.accounts import ANN, SUE
from tests.console.browser import chromium, console, enter
from tests.console.parties import RATE, RoomEar, hidden_ear
from tests.console.sound import browser_ear
from tests.console.sound.hearing import FLIGHT_S, SILENT, Verdict, judge
from tests.console.sound.tones import AGENT, CALLER, LOUD, SUPERVISOR, levels, tone, tone_file
from tests.console.taking_part import SENTENCES, Stay, Supervisor, call_id
from tests.stack.caller import Caller, telephone
from tests.stack.running import Stack

PHONE_RATE = 8000


@dataclass(frozen=True)
class Scene:
    stack: Stack
    call: str
    phone: PhoneCall
    sue: Supervisor
    recogniser: RoomEar

    def at_the_phone(self, begin: float, end: float) -> Any:
        sound, _ = self.phone.far_audio(Segment(begin, end), 0.0)
        return sound

    async def throw_out(self) -> None:
        """The media server drops the supervisor, as when a line breaks for good."""
        async with self.stack.api() as client:
            there = await client.room.list_participants(api.ListParticipantsRequest(room=self.call))
            for one in there.participants:
                if one.attributes.get("switchboard.role") == "supervisor":
                    with contextlib.suppress(api.TwirpError):
                        await client.room.remove_participant(
                            api.RoomParticipantIdentity(room=self.call, identity=one.identity)
                        )


@contextlib.asynccontextmanager
async def with_the_ai(floor: Stack, folder: Path) -> AsyncIterator[Scene]:
    """A caller who hums, the persona that answered, and a supervisor who looks at the call."""
    async with telephone(floor) as phones:
        caller = await phones.reach()
        async with _looked_at(floor, caller, folder) as scene:
            yield scene


@contextlib.asynccontextmanager
async def with_a_person(floor: Stack, folder: Path) -> AsyncIterator[tuple[Scene, Page]]:
    """The same after Ann took the call at her desk, where she hums too; her page has an ear for
    the supervisor and for the caller."""
    humming = tone_file(folder / "agent.wav", AGENT)
    async with (
        telephone(floor) as phones,
        chromium(humming) as browser,
        console(browser, floor.layout.console_url) as desk,
    ):
        await browser_ear.give_ear(desk.context, SUPERVISOR, CALLER)
        await enter(desk, ANN, to="/desk")
        await desk.get_by_role("button", name="Ready", exact=True).click()
        caller = await phones.reach()
        await caller.catches("help you")
        await caller.say("I want to speak to a person please")
        await desk.get_by_role("button", name="Take it").click(timeout=90_000)
        await expect(desk.get_by_test_id("sentence")).to_contain_text("can hear you: ")
        async with _looked_at(floor, caller, folder) as scene:
            await scene.sue.page.wait_for_selector("button.mode.whisper:not([aria-disabled=true])")
            yield scene, desk
        await desk.get_by_role("button", name="Not ready", exact=True).click()


@contextlib.asynccontextmanager
async def _looked_at(floor: Stack, caller: Caller, folder: Path) -> AsyncIterator[Scene]:
    call = await call_id(caller)
    microphone = tone_file(folder / "supervisor.wav", SUPERVISOR, amplitude=LOUD)
    hum = caller.call.play(tone(CALLER, 900, PHONE_RATE), rate=PHONE_RATE)
    humming = asyncio.create_task(hum)
    try:
        async with (
            chromium(microphone) as browser,
            console(browser, floor.layout.console_url) as page,
            hidden_ear(floor, call) as recogniser,
        ):
            await enter(page, SUE)
            sue = Supervisor(page, call)
            await sue.open()
            yield Scene(floor, call, caller.call, sue, recogniser)
    finally:
        await end(humming)
        await caller.hangs_up()


async def wander(scene: Scene, modes: list[str], changes: int, chance: random.Random) -> int:
    """That many changes: to each of `modes` in turn, then by chance. Some are interrupted before
    they are true, some are a reload, a lost network or being thrown out. Returns how many of the
    modes that were wished for became true."""
    sue, true, now = scene.sue, 0, "idle"
    for number in range(changes):
        what = 1.0 if number < len(modes) - 1 else chance.random()
        if what < 0.04:
            await sue.reload()
        elif what < 0.08:
            await sue.lose_network()
        elif what < 0.12:
            await scene.throw_out()
        else:
            others = [mode for mode in modes if mode != now]
            wish = modes[number + 1] if number < len(modes) - 1 else chance.choice(others)
            if now == "takeover" and wish == "listen" and chance.random() < 0.5:
                await sue.give_back()
            else:
                await sue.press(wish)
            if what < 0.3:
                await asyncio.sleep(chance.random() * 0.3)
                now = wish
                continue
        before, now = now, await sue.settle()
        true += now != before
        # Now and then so long that the sound of the time before is gone for certain: the silence
        # after having been heard is what counts most.
        stay = FLIGHT_S + 0.6 if now in SILENT and chance.random() < 0.3 else 0.3
        await asyncio.sleep((stay if now in SILENT else 0.9) + chance.random() * 0.3)
    await sue.press("idle")
    await sue.settle()
    await asyncio.sleep(1.5)
    sue.end()
    return true


def verdict(scene: Scene, ear: str, span: tuple[float, float]) -> Verdict:
    """Of the telephone, or of what the recogniser is given."""
    sound, rate = (
        (scene.at_the_phone, PHONE_RATE) if ear == "phone" else (scene.recogniser.between, RATE)
    )
    return judge(ear, levels(sound, rate, span, SUPERVISOR), scene.sue.stays)


def untrue(scene: Scene) -> list[Stay]:
    """When the sentence was not what the ears say."""
    return [
        stay
        for stay in scene.sue.stays
        if stay.settled and SENTENCES[stay.mode] not in stay.sentence
    ]
