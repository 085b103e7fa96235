"""An agent whose seat is a telephone, at the console: where calls are heard, and the switch."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from gateway.identity.people import NewPerson
from tests.console.accounts import ANN, PASSWORD
from tests.console.browser import NARROW, WIDE, chromium, console, enter
from tests.fakes.livekit_api import FakeLiveKit, fake_livekit
from tests.gateway.acd.telephones import (
    answers,
    ends,
    planned,
    registered,
    rung,
    unregistered,
    waits,
)
from tests.gateway.running import Gateway, running_gateway, settings_for

pytestmark = [pytest.mark.console, pytest.mark.stack, pytest.mark.timeout(300)]

CALL = "call-442079460100-aa"
WEB = Path(__file__).parents[3] / "web" / "dist"


@contextlib.asynccontextmanager
async def office(home: Path, redis_url: str) -> AsyncIterator[tuple[Gateway, FakeLiveKit]]:
    """A gateway whose livekit-server is a fake: telephones only, no sound."""
    async with fake_livekit() as livekit:
        settings = settings_for(home, redis_url, livekit_url=livekit.url, web_dist=WEB)
        async with running_gateway(settings) as gateway:
            await planned(gateway)
            ann = NewPerson(name=ANN, password=PASSWORD, roles=["agent"], skills=["billing"])
            await gateway.container.people.add(ann)
            yield gateway, livekit


async def seen(page: Page, picture: Path) -> None:
    """Nothing sticks out of the page; and there is a picture of it, for whoever wants to look."""
    await page.screenshot(path=picture)
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert wide <= 0


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_an_agent_sees_and_chooses_where_calls_are_heard(
    redis_url: str, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Not registered: the browser, and the page says so. Registered: calls ring there, the page
    says that they do, and whoever answers has the call without a microphone here. Switched over,
    the next one rings in the browser."""
    async with (
        office(tmp_path, redis_url) as (gateway, livekit),
        chromium() as browser,
        console(browser, gateway.url, size=size) as desk,
    ):
        await enter(desk, ANN, to="/desk")
        await desk.get_by_role("button", name="Ready", exact=True).click()
        line = desk.get_by_test_id("line")
        by_phone = line.get_by_role("button", name="Telephone")
        by_browser = line.get_by_role("button", name="Browser")
        await expect(line).to_contain_text("room-12, is not registered")
        await expect(by_browser).to_have_attribute("aria-pressed", "true")
        await seen(desk, tmp_path / "away.png")
        await registered(gateway, "room-12")
        await expect(by_phone).to_have_attribute("aria-pressed", "true")
        await expect(line).to_contain_text("Calls ring on your telephone, room-12")

        await waits(gateway, CALL)
        first = await rung(livekit)
        card = desk.locator(".ring")
        await expect(card).to_contain_text("It rings on your telephone")
        await seen(desk, tmp_path / "rings.png")
        await answers(gateway, CALL, first.participant_identity)
        await expect(desk.get_by_test_id("on-telephone")).to_be_visible()
        await expect(desk.get_by_test_id("sentence")).to_contain_text("You talk on your telephone")
        await expect(desk.get_by_role("button", name="Go on talking")).to_have_count(0)
        await seen(desk, tmp_path / "talks.png")
        await ends(gateway, CALL, first.participant_identity, "person_hung_up")
        await expect(desk.locator(".seatbar .state.wrap_up")).to_be_visible()

        await by_browser.click()
        await expect(by_browser).to_have_attribute("aria-pressed", "true")
        await expect(line).to_contain_text("in this browser")
        await desk.get_by_role("button", name="Ready", exact=True).click()
        await waits(gateway, f"{CALL}2")
        await expect(desk.get_by_role("button", name="Take it")).to_be_visible()
        rings = len(livekit.rung)
        await unregistered(gateway, "room-12")
        await expect(by_phone).to_have_attribute("aria-disabled", "true")

    assert rings == 1
