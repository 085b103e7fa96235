"""A supervisor hears, whispers, barges, takes over and gives back, in Chromium on a real call."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import msgspec
import numpy as np
import pytest
from playwright.async_api import expect

from agents.call.snapshot import Snapshot
from dialplans.contracts.events import Journal, PersonWanted, Said, Supervised
from dialplans.contracts.jobs import snapshot_key
from tests.console.accounts import ANN, SUE
from tests.console.browser import chromium, console, enter
from tests.console.parties import at_desk, hidden_ear, signed_in
from tests.console.sound.voices import speaking
from tests.console.taking_part import Supervisor, call_id
from tests.stack.caller import telephone
from tests.stack.running import Stack

pytestmark = [pytest.mark.console, pytest.mark.stack, pytest.mark.timeout(600)]

WORDS = "Good morning, this is the supervisor. Tomorrow we will send you an engineer."


async def test_hears_barges_takes_over_and_gives_back(floor: Stack, tmp_path: Path) -> None:
    """The transcript is there as it is spoken. Listening changes nothing for the caller. After
    barging in the caller hears the supervisor, and the page says so. After a take-over the caller
    hears the supervisor and not one sound of the AI, whatever the caller says; the supervisor's
    words are in the transcript. After giving back the AI speaks again, and what it goes on with
    has both people's words in it. Everything is in the audit."""
    base = floor.layout.console_url
    microphone = await speaking(floor, WORDS, tmp_path / "sue.wav")
    async with (
        telephone(floor) as phones,
        chromium(microphone) as browser,
        console(browser, base) as page,
    ):
        await enter(page, SUE)
        caller = await phones.reach()
        await caller.catches("thank you for calling", "help you")
        call = await call_id(caller)
        await page.click(f"[data-call='{call}'] a")
        await expect(page.locator(".transcript")).to_contain_text("help you")
        sue = Supervisor(page, call)

        await sue.press("listen")
        assert await sue.settle() == "listen"
        await sue.press("barge")
        assert await sue.settle() == "barge"
        everybody_hears = await page.inner_text("[data-testid=sentence]")
        caller.does("the supervisor barges in")
        await caller.hears("supervisor|engineer", timeout_s=90)
        async with hidden_ear(floor, call) as ear:
            await sue.press("takeover")
            assert await sue.settle() == "takeover"
            silent_from = time.time() + 0.5
            caller.does("the supervisor takes over")
            await caller.hears("engineer", timeout_s=90)
            await caller.say("Why is my last invoice so high?")
            said = await caller.records.wait(Said, role="supervisor", timeout_s=90)
            await asyncio.sleep(3)
            silent_until = time.time()
            persona = ear.personas(silent_from, silent_until)
            await sue.give_back()
            assert await sue.settle() == "listen"
            await caller.hears("back with you", timeout_s=90)
        kept = await snapshot(floor, call)
        await caller.say("What is your address?")
        await caller.hears("street|road|harbour|harbor|address")
        await sue.press("idle")
        await caller.records.wait(Supervised, mode="idle")
        await caller.hangs_up()
        modes = [event.mode for event in caller.records.of(Supervised)]
        actions = await audited(base, call)

    assert "Everybody in the call can hear you" in everybody_hears
    assert int(np.abs(persona).max(initial=0)) < 30
    assert said.speaker == SUE
    assert "engineer" in kept
    assert "invoice" in kept.lower()
    assert modes == ["listen", "barge", "takeover", "listen", "idle"]
    assert actions == {"listen", "barge", "takeover"}


async def snapshot(floor: Stack, call: str) -> str:
    """What the persona goes on with, as its model sees it."""
    async with floor.redis() as redis:
        for _ in range(50):
            raw = await redis.get(snapshot_key(call))
            found = msgspec.json.decode(raw, type=Snapshot) if raw else None
            if found is not None and "engineer" in str(found.chat):
                return str(found.chat)
            await asyncio.sleep(0.1)
    return str(found.chat) if found else ""


async def audited(base: str, call: str) -> set[str]:
    """Who listened, as the call's record tells it."""
    async with signed_in(base, SUE) as client:
        detail: httpx.Response = await client.get(f"/api/calls/{call}")
    return {one["action"] for one in detail.json()["listened"]}


async def test_closing_the_tab_gives_the_call_back_and_leaves_nobody(
    floor: Stack, tmp_path: Path
) -> None:
    """A tab that is closed in the middle of a take-over: the AI goes on, nobody is left in the
    call's rooms, and the next page starts idle."""
    base = floor.layout.console_url
    async with (
        telephone(floor) as phones,
        chromium() as browser,
        console(browser, base) as page,
    ):
        await enter(page, SUE)
        caller = await phones.reach()
        await caller.catches("help you")
        call = await call_id(caller)
        second = await page.context.new_page()
        tab = Supervisor(second, call)
        await tab.open()
        await tab.press("takeover")
        assert await tab.settle() == "takeover"
        await second.close(run_before_unload=True)
        await caller.hears("back with you", timeout_s=90)
        again = Supervisor(page, call)
        await again.open()
        how = await again.settle()
        left = [one for one in await floor.participants() if "/supervisor-" in one]
        await caller.hangs_up()

    assert how == "idle"
    assert left == []


async def test_whispers_to_the_agent_by_key_and_is_told_why_not_to_an_ai(
    floor: Stack, tmp_path: Path
) -> None:
    """While an AI has the call whispering is greyed out and says what to do instead; when a person
    has it, taking over is, and a whisper is on the record as a whisper. An AI that follows a fixed
    flow is not instructed either, and the page says so; a sentence for the caller is labelled so,
    and heard."""
    base = floor.layout.console_url
    async with (
        telephone(floor) as phones,
        chromium() as browser,
        console(browser, base) as page,
        at_desk(base, ANN) as ann,
    ):
        await enter(page, SUE)
        caller = await phones.reach()
        await caller.catches("help you")
        sue = Supervisor(page, await call_id(caller))
        await sue.open()
        await expect(page.locator("button.mode.whisper")).to_have_attribute(
            "data-why",
            "No human agent is in this call: take over, or have the AI say a sentence instead",
        )
        await page.keyboard.press("c")
        box = page.locator("form.sheet.coach")
        await expect(box.get_by_role("button", name="An instruction")).to_have_attribute(
            "data-why", "This AI follows a fixed flow and takes no instructions"
        )
        await expect(box.locator("label > span")).to_have_text(
            "The AI says this sentence aloud: the caller hears it"
        )
        await box.locator("textarea").fill("Our engineer visits on Friday.")
        await page.screenshot(path=tmp_path / "coach.png")
        await page.keyboard.press("Enter")
        await caller.hears("engineer", "friday")
        aloud = await caller.records.wait(Said, behalf="supervisor sue")
        await expect(page.locator(".transcript")).to_contain_text("said for sue")
        async with floor.redis() as redis:
            await Journal(redis).append(PersonWanted(call=sue.call, source="agents"))
        await ann.sees_waiting(sue.call)
        await ann.take(sue.call)
        await expect(page.locator("button.mode.takeover")).to_have_attribute(
            "data-why", "A person has this call: whisper instead"
        )
        await sue.press("whisper")
        assert await sue.settle() == "whisper"
        sentence = await page.inner_text("[data-testid=sentence]")
        await sue.press("idle")
        assert await sue.settle() == "idle"
        await ann.leave(sue.call)
        await caller.is_hung_up_on()
        await caller.records.wait(Supervised, mode="whisper")

    assert aloud.text == "Our engineer visits on Friday."
    assert "Only ann can hear you. The caller cannot" in sentence
