"""The button on other people's pages: the call is in a frame where that is allowed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Frame, Page, expect

from dialplans.contracts.events import Ended, Persona
from tests.console.browser import console
from tests.stack.records import Records
from tests.stack.running import Stack

pytestmark = [pytest.mark.console, pytest.mark.stack, pytest.mark.timeout(240)]


@contextlib.contextmanager
def somebody_elses_page(port: int, gateway: str) -> Iterator[None]:
    """A shop that has put the widget on its page."""
    html = f"""<!doctype html><title>A shop</title><h1>Our shop</h1>
<script src="{gateway}/widget.js" data-label="Talk to us" defer></script>""".encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(html)))
            self.end_headers()
            self.wfile.write(html)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


async def press_the_button(page: Page, shop: str) -> None:
    """By keyboard: what the widget puts on a page is closed to that page's scripts."""
    await page.goto(shop)
    await page.wait_for_load_state("load")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")


async def the_frame(page: Page) -> Frame:
    for _ in range(300):
        for frame in page.frames:
            if urlsplit(frame.url).path == "/talk":
                return frame
        await page.wait_for_timeout(50)
    raise AssertionError([frame.url for frame in page.frames])


async def test_a_shop_that_is_named_has_the_call_on_its_own_page(
    floor: Stack, browser: Browser
) -> None:
    """One press opens the frame, one more calls; the frame has the microphone and the shop's page
    has not; closing it ends the call."""
    gateway = floor.layout.console_url
    shop = floor.env["SWITCHBOARD_WIDGET_ORIGINS"]
    records = Records(floor.redis_url, "anonymous")
    port = urlsplit(shop).port or 0
    with somebody_elses_page(port, gateway):
        async with console(browser, gateway) as page:
            await records.begin()
            await press_the_button(page, shop)
            frame = await the_frame(page)
            await frame.get_by_role("button", name="Start talking").click()
            await expect(frame.get_by_text("They can hear you.")).to_be_visible()
            await expect(frame.get_by_text("You are connected")).to_be_visible()
            await records.wait(Persona, name="reception", timeout_s=60)
            await page.keyboard.press("Escape")
            await frame.get_by_role("button", name="Hang up").click()
            await records.wait(Ended, timeout_s=60)


async def test_elsewhere_the_call_gets_a_window_of_its_own(floor: Stack, browser: Browser) -> None:
    """An origin that nobody named may not frame the page, and its visitors can call all the
    same."""
    gateway = floor.layout.console_url
    port = urlsplit(floor.env["SWITCHBOARD_WIDGET_ORIGINS"]).port or 0
    with somebody_elses_page(port, gateway):
        async with console(browser, gateway) as page, page.expect_popup(timeout=30_000) as opened:
            await press_the_button(page, f"http://127.0.0.1:{port}")
            window = await opened.value
            await expect(window.get_by_role("button", name="Start talking")).to_be_visible()
