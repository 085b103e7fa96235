"""Proof by sound: who hears a supervisor, on a real call, through two hundred changes.

Every party sends a tone of its own: the caller's telephone, the agent's Chromium at the desk, and
the supervisor's Chromium, whose console is driven by its keys. Three ears look for the
supervisor's tone: at the telephone, in the agent's browser, and on what the recogniser is given.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from pathlib import Path

import numpy as np
import pytest
from livekit import api
from playwright.async_api import Page, Route
from redis.asyncio import Redis

from gateway.access.guest_list import Guest, GuestList
from sip.phone.audio import Samples
from tests.console.accounts import SUE
from tests.console.parties import RATE
from tests.console.sound import browser_ear
from tests.console.sound.hearing import HEARD_SHARE, SECRET_DB, Rows, Verdict, judge
from tests.console.sound.scene import (
    PHONE_RATE,
    Scene,
    untrue,
    verdict,
    wander,
    with_a_person,
    with_the_ai,
)
from tests.console.sound.tones import AGENT, QUIET, SUPERVISOR, levels
from tests.console.taking_part import SPOKEN
from tests.stack.running import Stack

pytestmark = [pytest.mark.console, pytest.mark.stack, pytest.mark.timeout(900)]

CHANGES = int(os.environ.get("SWITCHBOARD_TEST_CHANGES", "200"))
"""Both tests together; fewer while one works on them."""

CHANGES_WITH_A_PERSON = CHANGES * 3 // 4
CHANGES_WITH_THE_AI = CHANGES - CHANGES_WITH_A_PERSON


@pytest.mark.soak
async def test_with_a_person_on_the_call_only_a_barge_reaches_the_caller(
    floor: Stack, tmp_path: Path
) -> None:
    """Idle, listening and whispering, and every way from one to another, are below -60 dB at the
    telephone and for the recogniser; whispering is heard in the agent's browser and nowhere else,
    idle and listening not even there. Barging in is heard everywhere, which shows that the ears
    work. In every mode the sentence says who hears."""
    chance = random.Random(20261122)
    async with with_a_person(floor, tmp_path) as (found, desk):
        begin = time.time()
        modes = ["idle", "listen", "whisper", "barge"]
        true = await wander(found, modes, CHANGES_WITH_A_PERSON, chance)
        span = begin, time.time()
        phone, recogniser = verdict(found, "phone", span), verdict(found, "recogniser", span)
        agent, of_caller = await in_the_browser(found, desk, begin)
        of_agent = np.median(levels(found.at_the_phone, PHONE_RATE, span, AGENT)[:, 2])
    for one in (phone, recogniser, agent):
        print(one)
    print(f"{CHANGES_WITH_A_PERSON} changes in {span[1] - span[0]:.0f} s")

    assert untrue(found) == []
    assert true > CHANGES_WITH_A_PERSON // 3
    assert of_agent > QUIET / 2
    assert of_caller > QUIET / 2
    for ear, often in ((phone, 2), (recogniser, 2), (agent, 4)):
        assert ear.leaks == [], str(ear)
        assert ear.windows["listen"] > CHANGES_WITH_A_PERSON // often, str(ear)
        assert ear.heard["barge"] > HEARD_SHARE, str(ear)
    for ear in (phone, recogniser):
        assert ear.windows["whisper"] > CHANGES_WITH_A_PERSON // 2
    assert agent.heard["whisper"] > HEARD_SHARE, str(agent)


async def in_the_browser(scene: Scene, desk: Page, begin: float) -> tuple[Verdict, float]:
    """The agent hears whispers too. Also how loud the caller is there."""
    supervisor, caller = (rows[rows[:, 0] > begin] for rows in await browser_ear.rows(desk))
    found = judge("agent's browser", supervisor, scene.sue.stays, (*SPOKEN, "whisper"))
    return found, float(np.median(caller[:, 2]))


@pytest.mark.soak
async def test_with_the_ai_on_the_call_a_listener_is_never_heard(
    floor: Stack, tmp_path: Path
) -> None:
    """Listening, before and after barging in, taking over and giving back, is below -60 dB at the
    telephone and for the recogniser. While a persona speaks its voice has something of every
    tone, so the telephone is judged in its pauses; the recogniser does not hear personas."""
    chance = random.Random(1122)
    async with with_the_ai(floor, tmp_path) as found:
        begin = time.time()
        modes = ["idle", "listen", "barge", "takeover"]
        await wander(found, modes, CHANGES_WITH_THE_AI, chance)
        span = begin, time.time()
        rows = levels(found.at_the_phone, PHONE_RATE, span, SUPERVISOR)
        pauses = silent_rows(rows, found.recogniser.personas(*span))
        phone = judge("phone", pauses, found.sue.stays)
        recogniser = verdict(found, "recogniser", span)
        assert found.phone.open
    print(phone)
    print(recogniser)
    print(f"{CHANGES_WITH_THE_AI} changes in {span[1] - span[0]:.0f} s")

    assert untrue(found) == []
    for ear in (phone, recogniser):
        assert ear.leaks == [], str(ear)
        assert ear.windows["listen"] > CHANGES_WITH_THE_AI // 2
        assert min(ear.heard.values()) > HEARD_SHARE, str(ear)
    assert set(recogniser.heard) == set(SPOKEN)


def silent_rows(rows: Rows, persona: Samples, margin_s: float = 1.0) -> Rows:
    """Those windows around which the persona says nothing. `persona` begins with the first row."""
    loud = np.flatnonzero(np.abs(persona.astype(np.int32)) > 30) / RATE + rows[0][0]
    near = [
        bool(np.any((loud > begin - margin_s) & (loud < end + margin_s))) for begin, end, _ in rows
    ]
    return np.asarray(rows[~np.array(near)], np.float64)


async def test_a_whisper_into_the_callers_room_is_caught(floor: Stack, tmp_path: Path) -> None:
    """The same ears, with a gateway that is made to leak: what it grants for the side room opens
    the call's room instead. If nothing were heard here, silence elsewhere would mean nothing."""
    async with with_a_person(floor, tmp_path) as (found, _):
        await found.sue.page.route("**/mode", lambda route: leak(route, found))
        begin = time.time()
        for mode in ("barge", "listen", "whisper", "idle"):
            await found.sue.press(mode)
            await found.sue.settle()
            await asyncio.sleep(3.5)
        found.sue.end()
        span = begin, time.time()
        ears = [verdict(found, ear, span) for ear in ("phone", "recogniser")]

    for ear in ears:
        assert ear.heard["barge"] > HEARD_SHARE
        assert any(doing == "whisper" and db > SECRET_DB + 40 for _, db, doing in ear.leaks), str(
            ear
        )
        assert not any(doing == "listen" for _, _, doing in ear.leaks)


async def leak(route: Route, scene: Scene) -> None:
    answer = await route.fetch()
    granted = await answer.json()
    for one in granted.get("open", []):
        if one["purpose"] == "side":
            guest = Guest(who=SUE, purpose="side", call=scene.call)
            async with Redis.from_url(scene.stack.redis_url) as redis:
                await GuestList(redis).add(scene.call, one["identity"], guest)
            grants = api.VideoGrants(room_join=True, room=scene.call, can_publish=True)
            keys = scene.stack.livekit
            one["token"] = (
                api.AccessToken(keys.key, keys.secret)
                .with_identity(one["identity"])
                .with_attributes({"switchboard.role": "supervisor"})
                .with_grants(grants)
                .to_jwt()
            )
    await route.fulfill(response=answer, json=granted)
