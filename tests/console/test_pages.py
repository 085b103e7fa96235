"""Every page at both sizes, light and dark, English and German: nothing serious for axe, nothing
wider than the screen, and the keys that the help promises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from itertools import groupby, product
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Page, expect

from dialplans.contracts.events import Recorded
from tests.console.accounts import ADA, ANN, OLGA, SUE
from tests.console.browser import NARROW, WIDE, console, enter, holds, viewport
from tests.console.taking_part import call_id
from tests.stack.caller import telephone
from tests.stack.running import Stack

pytestmark = [pytest.mark.console, pytest.mark.stack, pytest.mark.timeout(600)]

AXE = Path("web/node_modules/axe-core/axe.min.js").read_text("utf-8")
PICTURES = Path(".cache/pages")
Colours = Literal["light", "dark"]
COLOURS: tuple[Colours, ...] = ("light", "dark")


class Place(NamedTuple):
    """Who looks at a page, where it is, and what is there when it has come."""

    who: str
    path: str
    sign: str


PLACES = {
    "sign-in": Place("", "/sign-in", "input[name=password]"),
    "talk": Place("", "/talk", "button.big"),
    "live": Place(SUE, "/", "[data-call]"),
    "call": Place(SUE, "/live/{call}", "li.line"),
    "history": Place(SUE, "/history?scope=all", ".num"),
    "record": Place(SUE, "/history/{past}", ".facts"),
    "missing": Place(SUE, "/nowhere", "main a"),
    "desk": Place(ANN, "/desk", ".seatbar"),
    "routing": Place(OLGA, "/routing", ".cm-line"),
    "people": Place(ADA, "/settings/people", "td"),
    "keys": Place(ADA, "/settings/keys", ".empty, td"),
    "trail": Place(ADA, "/settings/trail", "td"),
}

_STILL = """() => document.readyState === 'complete'
  && document.querySelector('[aria-busy=true], .loading') === null
  && document.getAnimations().every((each) => each.playState !== 'running')"""

_SERIOUS = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'] });
  return found.violations
    .filter((each) => each.impact === 'serious' || each.impact === 'critical')
    .map(({ id, nodes }) =>
      `${id}: ${nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`);
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def past(stack: Stack) -> str:
    """A call that is over, with words in it, a hand-over and a recording of its second part."""
    async with telephone(stack) as phones:
        caller = await phones.reach()
        await caller.keys("1")
        await caller.catches("recorded", "this is billing")
        await caller.say("What are your opening hours, please?")
        await caller.catches("open|closed|hours")
        await caller.hangs_up()
        await caller.records.wait(Recorded)
        return await call_id(caller)


@pytest_asyncio.fixture(loop_scope="session")
async def calls(floor: Stack, past: str) -> AsyncIterator[dict[str, str]]:
    """That call, and one that goes on."""
    async with telephone(floor) as phones:
        caller = await phones.reach()
        yield {"call": await call_id(caller), "past": past}
        await caller.hangs_up()


@pytest.mark.parametrize(
    ("language", "sizes"), [("en", (WIDE, NARROW)), ("de", (NARROW, WIDE))], ids=["en", "de"]
)
async def test_no_page_has_a_serious_fault(
    floor: Stack,
    browser: Browser,
    calls: dict[str, str],
    language: str,
    sizes: Sequence[tuple[int, int]],
) -> None:
    """By axe's rules, light and dark, as wide as a desk's screen and as a telephone's, whichever it
    was loaded on; nothing sticks out sideways; no script fails. Pictures are kept."""
    faults: dict[str, list[str]] = {}
    base = floor.layout.console_url
    for who, places in groupby(PLACES.items(), lambda item: item[1].who):
        async with console(browser, base, size=sizes[0], language=language) as page:
            broken: list[str] = []
            page.on("pageerror", partial(_note, broken))
            if who:
                await enter(page, who)
            for name, place in places:
                await page.set_viewport_size(viewport(sizes[0]))
                await page.goto(place.path.format(**{k: quote(v) for k, v in calls.items()}))
                await expect(page.locator(place.sign).first).to_be_visible()
                await page.evaluate(AXE)
                for size, colours in product(sizes, COLOURS):
                    await page.set_viewport_size(viewport(size))
                    found = await seen(page, f"{name}-{size[0]}-{colours}-{language}", colours)
                    if found := [*found, *broken]:
                        faults[f"{name}, {size[0]}, {colours}"] = found
                    broken.clear()

    assert faults == {}


async def seen(page: Page, name: str, colours: Colours) -> list[str]:
    """What is wrong with a page as it is shown now, in those colours."""
    await page.emulate_media(color_scheme=colours)
    await holds(page, _STILL)
    await page.screenshot(path=PICTURES / f"{name}.png")
    found: list[str] = await page.evaluate(_SERIOUS)
    wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, f"{wider} px wider than the screen"] if wider > 0 else found


def _note(broken: list[str], error: Error) -> None:
    broken.append(str(error))


async def test_a_recording_is_heard_by_those_who_may(
    floor: Stack, browser: Browser, past: str
) -> None:
    """On the call's record, and further on in it at once; others read why they may not."""
    base, record = floor.layout.console_url, f"/history/{quote(past)}"
    async with console(browser, base) as page:
        await enter(page, SUE, to=record)
        player = page.locator("audio")
        await player.evaluate("(audio) => audio.play()")
        await holds(page, "() => document.querySelector('audio').currentTime > 0.3")
        length = await player.evaluate("(audio) => audio.duration")
        await player.evaluate("(audio) => { audio.currentTime = audio.duration - 1; }")
        await holds(page, "() => document.querySelector('audio').ended")
        await page.reload()
        await expect(page.get_by_text("heard it afterwards")).to_be_visible()
    async with console(browser, base) as page:
        await enter(page, ANN, to=record)
        await expect(page.get_by_text("Needs the supervisor role")).to_be_visible()
        players = await page.locator("audio").count()

    assert length > 3
    assert players == 0


async def test_the_keyboard_is_enough(
    floor: Stack, browser: Browser, calls: dict[str, str]
) -> None:
    """j opens a call, l listens, Escape is silent at once even from a field, ? lists every key,
    and numbers lead from page to page."""
    async with console(browser, floor.layout.console_url) as page:
        await enter(page, SUE)
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
        await enter(page, SUE)
        await page.click("details.account summary")
        await page.get_by_label("Language").select_option("de")
        await expect(page.get_by_test_id("sentence")).to_contain_text("Niemand")
        await page.reload()
        await expect(page.get_by_test_id("sentence")).to_contain_text("Niemand")
        language = await page.get_attribute("html", "lang")

    assert language == "de"
