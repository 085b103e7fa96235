"""`python -m tests.console.pictures` makes the pictures of the READMEs anew, on the real system: a
caller talks with billing, Ann has taken one who wanted a person, and one is greeted in German."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import Browser, Page

from dialplans.contracts.events import Recorded
from tests.console.accounts import ANN, OLGA, SUE, everybody
from tests.console.browser import chromium, console, enter
from tests.console.taking_part import call_id
from tests.stack.caller import BERLIN, Caller, telephone
from tests.stack.running import Stack, running_stack

FOLDER = Path("web/screenshots")
COLOURS = "split[a][b];[a]palettegen=max_colors=128[p];[b][p]paletteuse=dither=none"
"""A quarter of the bytes, and nothing that an eye would miss."""


async def keep(page: Page, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        taken = Path(folder) / "taken.png"
        await page.screenshot(path=taken)
        command = ["ffmpeg", "-y", "-v", "error", "-i", str(taken), "-vf", COLOURS]
        process = await asyncio.create_subprocess_exec(*command, str(FOLDER / f"{name}.png"))
        if await process.wait():
            raise subprocess.SubprocessError(f"ffmpeg: {process.returncode}")
    print(name, flush=True)


async def talks_with_billing(caller: Caller) -> None:
    await caller.hears("help you")
    await caller.say("I have a question about my bill")
    await caller.hears("recorded", "billing")


async def take(stack: Stack, browser: Browser) -> None:
    base = stack.layout.console_url
    async with telephone(stack) as phones, console(browser, base, colours="dark") as desk:
        await enter(desk, ANN, to="/desk")
        await desk.get_by_role("button", name="Ready", exact=True).click()
        wants = await phones.reach()
        await wants.hears("help you")
        await wants.say("I want to speak to a person please")
        await desk.get_by_role("button", name="Take it").wait_for()
        await keep(desk, "desk")
        await desk.get_by_role("button", name="Take it").click()
        german = await phones.reach(BERLIN, tongue="de")
        bill = await phones.reach()
        await talks_with_billing(bill)
        call = quote(await call_id(bill))
        async with console(browser, base) as page:
            await enter(page, SUE, to=f"/live/{call}")
            await page.wait_for_selector("li.line")
            await page.keyboard.press("l")
            await page.wait_for_selector("button.mode.listen[aria-pressed=true]:not(.opening)")
            await bill.say("What are your opening hours, please?")
            await bill.call.hears_speech(timeout_s=30)
            await asyncio.sleep(0.7)
            await keep(page, "call")
            await page.keyboard.press("Escape")
            await bill.hangs_up()
            await bill.records.wait(Recorded)
            await page.goto(f"/history/{call}")
            await page.wait_for_selector("audio")
            await keep(page, "record")
        async with console(browser, base) as page:
            await enter(page, OLGA, to="/routing")
            await page.wait_for_selector(".answer")
            # Also the last lines have their colours.
            await page.wait_for_selector(".cm-line:last-child > span")
            await keep(page, "routing")
        for caller in (wants, german):
            await caller.hangs_up()


async def main() -> None:
    if shutil.which("ffmpeg") is None:
        sys.exit("ffmpeg is not installed")
    settings = {"SWITCHBOARD_SIP_MAX_CPU": "0", "SWITCHBOARD_SIGN_INS_PER_MINUTE": "1000"}
    with running_stack(settings) as stack:
        await everybody(stack)
        async with chromium() as browser:
            await take(stack, browser)


if __name__ == "__main__":
    asyncio.run(main())
