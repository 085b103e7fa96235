"""A viewer sees the floor and can do nothing to it."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.console.accounts import VIC
from tests.console.browser import console, sign_in
from tests.console.parties import signed_in
from tests.console.taking_part import call_id
from tests.stack.caller import new_number, telephone
from tests.stack.running import Stack

pytestmark = [pytest.mark.console, pytest.mark.stack, pytest.mark.timeout(300)]


async def test_a_viewer_cannot(floor: Stack, browser: Browser) -> None:
    """Callers are masked on the page and in what the gateway sends; every action is greyed out
    and says which role it needs; keys do nothing; the gateway refuses what the page would not
    ask; desk and routing are not offered."""
    base = floor.layout.console_url
    number = new_number()
    async with (
        telephone(floor) as phones,
        console(browser, base) as page,
        signed_in(base, VIC) as client,
    ):
        await sign_in(page, VIC)
        caller = await phones.dial(caller=number)
        await caller.answered()
        await caller.catches("help you")
        call = await call_id(caller)
        await page.click(f"[data-call='{call}'] a")
        await expect(page.locator("button.mode.listen")).to_be_visible()
        reasons = await page.locator(".actions button[aria-disabled=true]").evaluate_all(
            "all => all.map((one) => one.dataset.why)"
        )
        enabled = await page.locator(".actions button:not([aria-disabled=true])").count()
        for key in "lwbtcxn":
            await page.keyboard.press(key)
        sentence = await page.inner_text("[data-testid=sentence]")
        shown = await page.content()
        row = (await client.get(f"/api/calls/{call}")).text
        wishes = {
            mode: (await client.post(f"/api/calls/{call}/mode", json={"mode": mode})).status_code
            for mode in ("listen", "whisper", "barge", "takeover")
        }
        pages = await page.locator("nav a").all_inner_texts()
        await caller.hangs_up()

    assert number not in shown
    assert number not in row
    assert number[-2:] in shown
    assert enabled == 0
    assert len(reasons) == 8
    assert all(reason.startswith("Needs the ") for reason in reasons)
    assert "Nobody can hear you" in sentence
    assert set(wishes.values()) == {403}
    assert not {"Desk", "Routing"} & {name.strip().split("\n")[0] for name in pages}
