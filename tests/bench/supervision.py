"""From a key in Chromium to the ear at the telephone: taking over, and barging in.

Each sample is a call of its own through the SIP leg. Take-over: while the AI says its greeting the
supervisor, who listens, presses `t`; the clock starts at the key's event in the page and stops at
the last loud ten milliseconds of the AI at the telephone (the supervisor's microphone is silent).
Barge: the page was just loaded and never spoke; the clock starts at the key `b` and stops at the
first loud ten milliseconds of the supervisor's tone at the telephone, in a pause of the AI.
Before each sample the system is calm: the next job process is warm, nothing is rendered ahead.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from playwright.async_api import Browser

from dialplans.contracts.events import Persona
from tests.bench.__main__ import processor
from tests.bench._machine import settle
from tests.console.accounts import SUE, everybody
from tests.console.browser import chromium, console, enter
from tests.console.sound.tones import LOUD, SUPERVISOR, tone_file
from tests.console.taking_part import Supervisor
from tests.stack.caller import Caller, telephone
from tests.stack.running import Stack, running_stack

WORKING = ("speech", "agents-1", "agents-2")
CALLS = int(os.environ.get("SWITCHBOARD_BENCH_CALLS", "20"))
MUST_TAKEOVER_MS, MUST_BARGE_MS = 300.0, 800.0

_NOTE_KEYS = "addEventListener('keydown', () => { window.pressed = Date.now() / 1000; }, true)"


async def supervise(browser: Browser, stack: Stack, caller: Caller, key: str) -> float | None:
    """Milliseconds of one sample; None when the AI had finished its sentence before the key."""
    async with console(browser, stack.layout.console_url) as page:
        await enter(page, SUE)
        await page.evaluate(_NOTE_KEYS)
        await caller.answered()
        await caller.records.wait(Persona)
        sue = Supervisor(page, caller.records.call)
        await page.click(f"[data-call='{sue.call}'] a")
        await page.wait_for_selector("button.mode.listen")
        if key == "t":
            await sue.press("listen")
            await sue.settle()
        await settle(*(stack.pid(name) for name in WORKING), calls=1)
        if key == "t":
            await caller.say("When are you open?")
            spoke = caller.call.spoke_until
            await caller.call.hears_speech(after=spoke, timeout_s=60)
            await asyncio.sleep(0.4)
            await page.keyboard.press("t")
            clicked = float(await page.evaluate("window.pressed"))
            await asyncio.sleep(4.0)
            segment = next((s for s in caller.call.heard if s.offset > clicked), None)
            if segment is None or segment.onset > clicked:
                return None
            return (segment.offset - clicked) * 1000
        await caller.call.hears_silence(1.0)
        await page.keyboard.press("b")
        clicked = float(await page.evaluate("window.pressed"))
        heard = await caller.call.hears_speech(after=clicked, timeout_s=20)
        return (heard.onset - clicked) * 1000


async def series(stack: Stack, microphone: Path, key: str) -> list[float]:
    found: list[float] = []
    async with telephone(stack) as phones, chromium(microphone) as browser:
        for _ in range(CALLS):
            caller = await phones.dial()
            try:
                took = await supervise(browser, stack, caller, key)
            finally:
                await caller.hangs_up()
            if took is not None:
                found.append(took)
            await asyncio.sleep(1.0)
    return found


def report(name: str, samples: list[float], must: float) -> bool:
    dropped = CALLS - len(samples)
    if not samples:
        print(f"{name:<34} n=0, {dropped} dropped")
        return False
    p50, p95, p99 = np.percentile(samples, [50, 95, 99])
    print(
        f"{name:<34} n={len(samples)} p50={p50:.0f} p95={p95:.0f} p99={p99:.0f} ms"
        f" (must ≤ {must:g} p95); {dropped} dropped: the AI did not speak at the key"
    )
    return bool(p95 <= must)


async def measure(stack: Stack) -> int:
    await everybody(stack)
    with tempfile.TemporaryDirectory() as folder:
        silent, loud = Path(folder) / "silent.wav", Path(folder) / "tone.wav"
        soundfile.write(silent, np.zeros(48_000, np.int16), 48_000, subtype="PCM_16")
        tone_file(loud, SUPERVISOR, amplitude=LOUD)
        taken = await series(stack, silent, "t")
        barged = await series(stack, loud, "b")
    good = report("take-over key → AI silent at phone", taken, MUST_TAKEOVER_MS)
    return 0 if report("barge key → heard at phone", barged, MUST_BARGE_MS) and good else 1


def main() -> int:
    print(f"Supervision at the ear, {processor()}, load {os.getloadavg()[0]:.1f}")
    settings = {"SWITCHBOARD_SIP_MAX_CPU": "0", "SWITCHBOARD_SIGN_INS_PER_MINUTE": "1000"}
    began = time.monotonic()
    with running_stack(settings) as stack:
        status = asyncio.run(measure(stack))
    print(f"{time.monotonic() - began:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main())
