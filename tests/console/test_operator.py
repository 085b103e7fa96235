"""An operator breaks the dialplan, sees why, fixes it, applies it and rolls back."""

from __future__ import annotations

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.console.accounts import OLGA
from tests.console.browser import console, enter
from tests.console.parties import signed_in
from tests.stack.running import Stack

pytestmark = [pytest.mark.console, pytest.mark.stack, pytest.mark.timeout(400)]

BILLING = "+442079460200"


async def test_breaks_the_plan_sees_why_fixes_it_applies_and_rolls_back(
    floor: Stack, browser: Browser
) -> None:
    """A misspelt persona is underlined, named with line, column and a suggestion, and cannot be
    applied. Put right and meaning something else it can be compared, applied, is what the next
    caller gets, and is undone in two clicks."""
    base = floor.layout.console_url
    async with console(browser, base) as page, signed_in(base, OLGA) as client:
        await enter(page, OLGA, to="/routing")
        before = (await client.get("/api/routing")).json()
        await page.wait_for_selector(".cm-content")

        await retype(page, "do: {persona: billing}", "do: {persona: bililng}")
        problem = page.locator(".problems li").first
        await expect(problem).to_contain_text("E_")
        await expect(problem).to_contain_text("bililng")
        await expect(problem).to_contain_text("billing")
        told = await problem.inner_text()
        await problem.locator("button").click()
        await expect(page.locator(".cm-lintRange-error").first).to_be_visible()
        await page.get_by_role("tab", name="Changes").click()
        apply = page.get_by_role("button", name="Apply", exact=True)
        await expect(apply).to_have_attribute("data-why", "Fix the errors first")
        untouched = await answer(client)

        await retype(page, "do: {persona: bililng}", "do: {persona: support}")
        await expect(page.locator(".problems [role=status]")).not_to_contain_text("1 error")
        await page.get_by_role("button", name="Compare with what is live").click()
        await expect(page.locator(".changes li").first).to_be_visible(timeout=90_000)
        await apply.click()
        await expect(page.get_by_text("is live.").first).to_be_visible(timeout=90_000)
        applied = await answer(client)

        await page.get_by_role("tab", name="History").click()
        old = page.locator(".revisions li", has_text=before["revision"][:8]).last
        await old.get_by_role("button", name="Roll back to this").click()
        await old.get_by_role("button", name="live again").click()
        await expect(page.get_by_text("is live again").first).to_be_visible(timeout=90_000)
        back = (await client.get("/api/routing")).json()["revision"]

    assert "main.yaml:" in told
    assert untouched == "persona billing"
    assert applied == "persona support"
    assert back == before["revision"]


async def answer(client: httpx.AsyncClient) -> str:
    """Who gets a call to billing's own line, by what is live."""
    body = {"called": BILLING, "caller": "+447700900123", "at": "2026-11-23 10:00"}
    found = (await client.post("/api/routing/explain", json=body)).json()
    return f"{found['decision']['kind']} {found['decision']['name']}"


async def retype(page: Page, old: str, new: str) -> None:
    """As an editor's user does it: the whole text is selected and typed again with one change."""
    text = await page.evaluate("""() => {
      const view = document.querySelector('.cm-content').cmTile?.view
        ?? document.querySelector('.cm-content').cmView?.view;
      return view.state.doc.toString();
    }""")
    assert old in text
    await page.click(".cm-content")
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text(text.replace(old, new))
