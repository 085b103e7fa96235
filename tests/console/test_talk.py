"""A caller from the web talks to reception, through the same dialplan as a telephone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from dialplans.contracts.events import Ended, Heard, Persona, Routed, Said, Started
from tests.console.browser import chromium, console
from tests.console.sound.voices import speaking
from tests.stack.records import Records
from tests.stack.running import Stack

pytestmark = [pytest.mark.console, pytest.mark.stack, pytest.mark.timeout(400)]


async def test_a_web_caller_talks_to_reception(floor: Stack, tmp_path: Path) -> None:
    """One click, no account; reception greets, understands the question that is spoken into the
    browser's microphone, and answers it; the call is a record like every other."""
    base = floor.layout.console_url
    microphone = await speaking(floor, "When are you open?", tmp_path / "web.wav", pause_s=7)
    records = Records(floor.redis_url, "anonymous")
    async with chromium(microphone) as browser, console(browser, base) as page:
        await records.begin()
        await page.goto("/talk")
        await page.get_by_role("button", name="Start talking").click()
        await expect(page.get_by_text("They can hear you.")).to_be_visible()
        await expect(page.get_by_text("You are connected")).to_be_visible()
        started = await records.wait(Started, timeout_s=60)
        await records.wait(Persona, name="reception", timeout_s=60)
        heard = await records.wait(Heard, final=True, timeout_s=120)
        await answered(records)
        await page.get_by_role("button", name="Hang up").click()
        await expect(page.get_by_text("The call has ended")).to_be_visible()
        await records.wait(Ended, timeout_s=60)

    assert started.direction == "web"
    assert records.of(Routed)[0].decision_name == "reception"
    assert "open" in heard.text.lower()


async def answered(records: Records) -> None:
    """Something was said after the caller's words, and it is about opening hours."""
    heard = records.of(Heard)[-1].at
    for _ in range(600):
        await records.refresh()
        if any("open" in one.text.lower() for one in records.of(Said) if one.at > heard):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(records.short())
