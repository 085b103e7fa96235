"""Every page at both sizes, light and dark, English and German: nothing serious for axe, nothing
wider than the screen, and the keys that the help promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Error, Page, expect

from tests.console.accounts import ANN, OLGA, SUE
from tests.console.browser import NARROW, WIDE, console, sign_in
from tests.console.taking_part import call_id
from tests.stack.caller import telephone
from tests.stack.running import Stack

pytestmark = [pytest.mark.console, pytest.mark.stack, pytest.mark.timeout(600)]

AXE = Path("web/node_modules/axe-core/axe.min.js").read_text("utf-8")
PICTURES = Path(".cache/pages")
PLACES = {
    "sign-in": ("", "/sign-in", "input[name=password]"),
    "talk": ("", "/talk", "button.big"),
    "live": (SUE, "/", "[data-call]"),
    "call": (SUE, "/live/{call}", "li.line"),
    "desk": (ANN, "/desk", ".seatbar"),
    "history": (SUE, "/history?scope=all", ".num"),
    "record": (SUE, "/history/{past}", ".facts"),
    "routing": (OLGA, "/routing", ".cm-line"),
    "missing": (SUE, "/nowhere", "main a"),
}
"""Page → who looks at it, where it is, and what is there when it has come."""

_SERIOUS = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'] });
  return found.violations
    .filter((each) => each.impact === 'serious' || each.impact === 'critical')
    .map(({ id, nodes }) =>
      `${id}: ${nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`);
}"""


@pytest.fixture
async def calls(floor: Stack) -> AsyncIterator[dict[str, str]]:
    """One call that is over and one that goes on, both with words in them."""
    async with telephone(floor) as phones:
        past = await phones.reach()
        await past.hears("help you")
        await past.say("When are you open?")
        await past.hears("open|closed")
        await past.hangs_up()
        live = await phones.reach()
        await live.hears("help you")
        yield {"call": await call_id(live), "past": await call_id(past)}
        await live.hangs_up()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_no_page_has_a_serious_fault(
    floor: Stack,
    browser: Browser,
    calls: dict[str, str],
    size: tuple[int, int],
    colours: str,
    language: str,
) -> None:
    """By axe's rules; nothing sticks out sideways; no script fails. Pictures are kept."""
    faults: dict[str, list[str]] = {}
    for name, (who, path, sign) in PLACES.items():
        async with console(
            browser, floor.layout.console_url, size=size, language=language, colours=colours
        ) as page:
            broken: list[str] = []
            page.on("pageerror", partial(_note, broken))
            await show(page, who, path.format(**{k: quote(v) for k, v in calls.items()}))
            await expect(page.locator(sign).first).to_be_visible()
            await asyncio.sleep(0.5)
            shot = PICTURES / f"{name}-{size[0]}-{colours}-{language}.png"
            await page.screenshot(path=shot)
            await page.evaluate(AXE)
            found = [*await page.evaluate(_SERIOUS), *broken]
            wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wider > 0:
                found.append(f"{wider} px wider than the screen")
            if found:
                faults[name] = found

    assert faults == {}


def _note(broken: list[str], error: Error) -> None:
    broken.append(str(error))


async def show(page: Page, who: str, path: str) -> None:
    if who:
        await sign_in(page, who, to=path)
    else:
        await page.goto(path)


async def test_the_keyboard_is_enough(
    floor: Stack, browser: Browser, calls: dict[str, str]
) -> None:
    """j opens a call, l listens, Escape is silent at once even from a field, ? lists every key,
    and numbers lead from page to page."""
    async with console(browser, floor.layout.console_url) as page:
        await sign_in(page, SUE)
        await page.wait_for_selector("[data-call]")
        await page.keyboard.press("j")
        await page.wait_for_selector("button.mode.listen")
        await page.keyboard.press("l")
        await page.wait_for_selector("button.mode.listen[aria-pressed=true]:not(.opening)")
        await page.keyboard.press("n")
        await page.get_by_role("textbox").fill("a word")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("button.mode.listen[aria-pressed=false]")
        await page.locator("body").click(position={"x": 2, "y": 2})
        await page.keyboard.press("?")
        keymap = await page.inner_text(".keymap")
        await page.keyboard.press("Escape")
        await expect(page.locator(".keymap")).to_have_count(0)
        await page.keyboard.press("3")
        await page.wait_for_url("**/history")
        await page.keyboard.press("1")
        await page.wait_for_url(floor.layout.console_url + "/")

    for promised in ("Silent at once", "Listen", "Barge in", "Take over", "Give back", "Coach"):
        assert promised in keymap


async def test_the_console_speaks_german_and_remembers_it(floor: Stack, browser: Browser) -> None:
    """Chosen once, and there again after a reload, with the page's own language told to readers."""
    async with console(browser, floor.layout.console_url) as page:
        await sign_in(page, SUE)
        await page.click("details.account summary")
        await page.get_by_label("Language").select_option("de")
        await expect(page.get_by_test_id("sentence")).to_contain_text("Niemand")
        await page.reload()
        await expect(page.get_by_test_id("sentence")).to_contain_text("Niemand")
        language = await page.get_attribute("html", "lang")

    assert language == "de"
