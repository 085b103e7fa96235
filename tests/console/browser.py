"""Debian's Chromium with a microphone that plays a file, and the console as a person uses it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from tests.console.accounts import PASSWORD

PATIENCE_MS = 45_000
expect.set_options(timeout=PATIENCE_MS)
WIDE, NARROW = (1440, 900), (390, 844)

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)

_PLAIN_SOUND = """
const media = navigator.mediaDevices;
if (media) {
  const ask = media.getUserMedia.bind(media);
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  media.getUserMedia = (wish) => {
    if (!wish || !wish.audio) return ask(wish);
    return ask({ ...wish, audio: { ...(wish.audio === true ? {} : wish.audio), ...plain } });
  };
}
"""
"""What a browser does to make a voice pleasant would distort a tone or swallow it."""


@contextlib.asynccontextmanager
async def chromium(microphone: Path | None = None) -> AsyncIterator[Browser]:
    """One browser; its microphone plays that WAV file over and over (beeps without one)."""
    found = shutil.which("chromium")
    assert found, "Chromium is not installed: apt-get install chromium"
    flags = [*_FLAGS]
    if microphone is not None:
        flags.append(f"--use-file-for-fake-audio-capture={microphone}")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=flags)
        try:
            yield browser
        finally:
            await browser.close()


def viewport(size: tuple[int, int]) -> ViewportSize:
    return {"width": size[0], "height": size[1]}


@contextlib.asynccontextmanager
async def console(
    browser: Browser,
    base: str,
    *,
    size: tuple[int, int] = WIDE,
    language: str = "en",
    colours: str = "light",
) -> AsyncIterator[Page]:
    """A page of a person's own: nothing is shared with other pages of the same browser."""
    context = await browser.new_context(
        base_url=base,
        viewport=viewport(size),
        locale={"en": "en-GB", "de": "de-DE"}[language],
        color_scheme="dark" if colours == "dark" else "light",
        permissions=["microphone"],
        reduced_motion="reduce",
    )
    await context.add_init_script(_PLAIN_SOUND)
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    try:
        yield page
    finally:
        await context.close()


async def sign_in(page: Page, name: str, *, to: str = "/") -> None:
    """By the form, as everybody does; ends on the page `to` with the stream connected."""
    await page.goto(f"/sign-in?next={quote(to, safe='')}")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button[type=submit]")
    await connected(page)


async def enter(page: Page, name: str, *, to: str = "/") -> None:
    """As `sign_in`, without the form: the page that is wanted is the only one that is loaded."""
    answer = await page.context.request.post(
        "/api/session", data={"name": name, "password": PASSWORD}, headers={"X-Switchboard": "1"}
    )
    assert answer.ok, await answer.text()
    await page.goto(to)
    await connected(page)


async def connected(page: Page) -> None:
    """The picture is current."""
    await page.wait_for_selector(".link.open", state="attached")


async def holds(page: Page, condition: str) -> None:
    """Waits until that JavaScript function says true. Playwright's own way is an `eval` in the
    page, which the console's content policy forbids."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await page.evaluate(condition):
            await page.wait_for_timeout(30)
