"""An administrator looks after accounts and keys in the browser, and reads who did what."""

from __future__ import annotations

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.console.accounts import ADA, PASSWORD, SUE
from tests.console.browser import console, enter
from tests.console.test_pages import PICTURES
from tests.stack.running import Stack

pytestmark = [pytest.mark.console, pytest.mark.stack, pytest.mark.timeout(300)]

NEWCOMER, KEY = "noor", "wallboard"


def row(page: Page, name: str) -> Locator:
    return page.locator("tr", has=page.get_by_text(name, exact=True))


async def test_somebody_new_comes_works_and_is_shut_out(floor: Stack, browser: Browser) -> None:
    """The first password is passed on, has to be changed, and is worth nothing once the account is
    disabled; who is signed in then is out at once."""
    base = floor.layout.console_url
    async with console(browser, base) as page, console(browser, base) as theirs:
        await enter(page, ADA, to="/settings/people")
        await page.get_by_role("button", name="Add a person").click()
        await page.get_by_label("Name to sign in with").fill(NEWCOMER)
        await page.get_by_label("Shown to colleagues as").fill("Noor Example")
        await page.get_by_label("Skills").fill("support, speaks:de")
        first = await page.get_by_label("First password").input_value()
        await page.screenshot(path=PICTURES / "person.png")
        await page.get_by_role("button", name="Save").click()
        await expect(row(page, NEWCOMER)).to_contain_text("support, speaks:de")

        await theirs.goto("/sign-in")
        await theirs.fill("input[name=name]", NEWCOMER)
        await theirs.fill("input[name=password]", first)
        await theirs.click("button[type=submit]")
        await theirs.fill("input[name=old]", first)
        await theirs.fill("input[name=new]", PASSWORD)
        await theirs.fill("input[name=again]", PASSWORD)
        await theirs.click("button[type=submit]")
        await theirs.wait_for_selector(".link.open", state="attached")

        await page.get_by_role("button", name=f"Change {NEWCOMER}").click()
        await page.get_by_label("Disabled").check()
        await page.get_by_role("button", name="Save").click()
        await expect(row(page, NEWCOMER)).to_contain_text("disabled")
        await theirs.wait_for_url("**/sign-in**")
        await theirs.fill("input[name=name]", NEWCOMER)
        await theirs.fill("input[name=password]", PASSWORD)
        await theirs.click("button[type=submit]")
        await expect(theirs.get_by_role("alert")).to_contain_text("wrong")

        await page.goto("/settings/trail?q=NOOR")
        await expect(page.locator("tbody tr")).to_have_count(6)
        told = await page.locator("tbody").inner_text()

    for said in (
        "added: noor",
        "failed to sign in",
        "changed: noor",
        "what: password",
        "signed in",
    ):
        assert said in told


async def test_a_key_is_shown_once_and_revoked_for_good(floor: Stack, browser: Browser) -> None:
    base = floor.layout.console_url
    async with console(browser, base) as page, httpx.AsyncClient(base_url=base) as machine:
        await enter(page, ADA, to="/settings/keys")
        await page.get_by_role("button", name="Make a key").click()
        await page.get_by_label("Name").fill(KEY)
        await page.get_by_role("button", name="Make it").click()
        secret = await page.locator(".secret").inner_text()
        await page.keyboard.press("Escape")
        machine.headers["authorization"] = f"Bearer {secret}"
        before = await machine.get("/api/calls")

        await expect(row(page, KEY)).to_be_visible()
        shown = await page.content()
        await page.get_by_role("button", name=f"Revoke {KEY}").click()
        await page.get_by_role("button", name=f"Revoke {KEY} for good").click()
        await expect(row(page, KEY)).to_have_count(0)
        after = await machine.get("/api/calls")

    assert (before.status_code, after.status_code) == (200, 401)
    assert secret not in shown


async def test_nobody_else_is_led_there(floor: Stack, browser: Browser) -> None:
    """No entry in the menu; by its address, which role it takes."""
    async with console(browser, floor.layout.console_url) as page:
        await enter(page, SUE)
        await page.click("details.account summary")
        entries = await page.locator(".account-sheet").inner_text()
        await page.goto("/settings/people")
        await expect(page.locator("main")).to_contain_text("Needs the admin role")

    assert "Settings" not in entries
