"""An agent takes a call that asked for a person, asks for help, and hands it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from dialplans.contracts.events import HandedOver, Held, HelpWanted, Offered, Said
from tests.console.accounts import ANN, SUE
from tests.console.browser import chromium, console, enter
from tests.console.sound.voices import speaking
from tests.stack.caller import telephone
from tests.stack.running import Stack

pytestmark = [pytest.mark.console, pytest.mark.stack, pytest.mark.timeout(600)]

WORDS = "Hello, my name is Anna. I have found your invoice."


async def test_takes_a_call_and_hands_it_back(floor: Stack, tmp_path: Path) -> None:
    """Ready; the caller asks for a person; it rings in the browser with what the AI knows; taken,
    caller and agent hear each other and the AI is silent; help rises to the top of the
    supervisor's list; hold; given back, the AI goes on and the desk wraps up."""
    base = floor.layout.console_url
    microphone = await speaking(floor, WORDS, tmp_path / "ann.wav")
    async with (
        telephone(floor) as phones,
        chromium(microphone) as browser,
        console(browser, base) as desk,
        console(browser, base) as watch,
    ):
        await enter(watch, SUE)
        await enter(desk, ANN, to="/desk")
        await desk.get_by_role("button", name="Ready", exact=True).click()
        await expect(desk.locator(".seatbar .state.ready")).to_be_visible()
        caller = await phones.reach()
        await caller.catches("help you")
        await caller.say("I want to speak to a person please")
        await desk.get_by_role("button", name="Take it").click(timeout=90_000)
        await expect(desk.get_by_test_id("sentence")).to_contain_text(
            "can hear you: ", timeout=60_000
        )
        sentence = await desk.inner_text("[data-testid=sentence]")
        await caller.hears("invoice", timeout_s=90)
        await caller.records.wait(Said, role="agent", speaker=ANN, timeout_s=90)

        await desk.keyboard.press("a")
        await desk.get_by_role("textbox").fill("The caller wants a discount")
        await desk.keyboard.press("Enter")
        first = watch.locator("[data-call]").first
        await expect(first).to_contain_text("Asks for help")
        await expect(first).to_have_attribute("data-call", caller.records.call)
        await expect(desk.get_by_role("textbox")).to_have_count(0)
        await desk.keyboard.press("h")
        await expect(desk.get_by_role("button", name="Go on")).to_be_visible()
        on_hold = await desk.inner_text("[data-testid=sentence]")
        await desk.keyboard.press("h")
        await expect(desk.get_by_role("button", name="Hold")).to_be_visible()

        await desk.keyboard.press("g")
        await desk.get_by_role("textbox").fill("The invoice was explained")
        await desk.keyboard.press("Enter")
        await caller.hears("back with you", timeout_s=90)
        await expect(desk.locator(".seatbar .state.wrap_up")).to_be_visible()
        after = await desk.inner_text("[data-testid=sentence]")
        await desk.get_by_role("button", name="Not ready", exact=True).click()
        await caller.hangs_up()
        await caller.records.all()
        record = caller.records

    assert "the caller" in sentence
    assert "Nobody can hear you" in on_hold
    assert "Nobody can hear you" in after
    assert [o.answer for o in record.of(Offered)][:2] == ["ringing", "accepted"]
    assert f"agent {ANN}" in [h.to for h in record.of(HandedOver)], caller.story
    assert record.of(HandedOver)[-1].frm == f"agent {ANN}", caller.story
    assert record.of(HelpWanted)[0].note == "The caller wants a discount"
    assert [h.on for h in record.of(Held)] == [True, False]
