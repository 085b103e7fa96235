"""What a line's echo does to a call: own words taken for the caller's, sentences cut, barging in.

A telephone by hand gives back what it is told, through a room, `later` and softer. The caller first
says nothing until the greeting and the prompt into the silence after it are over: whatever is
recognised until then are our own words, and whatever is cut was cut by them. Then the caller asks
who we are and, 2.2 seconds into the answer, speaks over it, with the echo of it on the line.

`SWITCHBOARD_BENCH_LEG=livekit` switches the leg's canceller off, as it is behind livekit-sip: then
the guard of the job is alone.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from dataclasses import dataclass

from dialplans.contracts.events import Heard, Said
from tests.bench._figures import Bound, count, head, show, show_value
from tests.bench._sides import ours_alone
from tests.bench._talk import Utterance, rendered
from tests.fakes.echoing_line import PCMA, Line
from tests.sip.bridge.caller import Phones, phones
from tests.sip.bridge.speakerphone import Speakerphone
from tests.stack.caller import BERLIN, RECEPTION, new_number
from tests.stack.records import Records
from tests.stack.running import Stack

LINES = (
    Line(gain_db=None),
    Line(20, -14.0),
    Line(40, -6.0),
    Line(180, -6.0),
    Line(180, -14.0),
    Line(180, -20.0, PCMA),
    Line(250, -10.0, PCMA),
    Line(400, -14.0),
    Line(500, -26.0),
    Line(650, -10.0),
    Line(300, -14.0, noise=100.0),
    Line(300, -20.0, noise=300.0),
)
ROUNDS = count("CALLS", 1)
TICK_S = 0.02
ALONE = os.environ.get("SWITCHBOARD_BENCH_LEG") == "livekit"
QUESTIONS = ("Could you tell me who you are?", "When are you open, please?")
INTO_FRAMES = 110
SILENT_S = 14.0
"""Long enough for the greeting, seven seconds of silence, and the prompt that ends it."""
BARGE = Bound(must=600, aim=400)
NONE = Bound(must=0, of="", unit="")


@dataclass
class Outcome:
    line: Line
    own_words: list[str]
    cut: int
    barge_ms: float | None
    understood: int


async def call(stack: Stack, line: Line, where: Phones, said: list[Utterance], to: str) -> Outcome:
    number = new_number()
    records = Records(stack.redis_url, number)
    await records.begin()
    host, _, port = stack.sip.rpartition(":")
    async with Speakerphone(where, (host, int(port)), to, number=number, line=line) as phone:
        code = await phone.dial(phone.offer)
        assert code == 200, code
        await asyncio.sleep(SILENT_S)
        before = await records.all()
        own = [event.text for event in before if isinstance(event, Heard) and event.final]
        cut = sum(event.interrupted for event in before if isinstance(event, Said))
        barge, understood = None, 0
        if to == RECEPTION:
            barge = await _barge(phone, said)
            await _quiet(phone, 60)
            after = (await records.all())[len(before) :]
            heard = " ".join(e.text.lower() for e in after if isinstance(e, Heard) and e.final)
            understood = sum(word in heard for word in ("who you are", "open"))
    return Outcome(line, own, cut, barge, understood)


async def _barge(phone: Speakerphone, said: list[Utterance]) -> float | None:
    await _quiet(phone, 20)
    await _say(phone, said[0])
    async with asyncio.timeout(12.0):  # else the persona did not answer, which is no barge-in
        while phone.quiet_frames() > 3:
            await asyncio.sleep(TICK_S)
    await asyncio.sleep(INTO_FRAMES * TICK_S)
    first = phone.says(said[1].samples, said[1].rate)
    for _ in range(150):
        await asyncio.sleep(TICK_S)
        if (last := phone.stops_after(first)) is not None:
            return (last + 1 - first) * TICK_S * 1000
    return None


async def _say(phone: Speakerphone, said: Utterance) -> None:
    phone.says(said.samples, said.rate)
    while phone.speaks:
        await asyncio.sleep(TICK_S)


async def _quiet(phone: Speakerphone, frames: int, timeout_s: float = 12.0) -> None:
    async with asyncio.timeout(timeout_s):
        await asyncio.sleep(1.0)
        while phone.quiet_frames() < frames:
            await asyncio.sleep(TICK_S)


def tell(outcome: Outcome, to: str) -> None:
    barge = "-" if outcome.barge_ms is None else f"{outcome.barge_ms:.0f} ms"
    number = "German, " if to == BERLIN else ""
    print(
        f"  {number}{outcome.line}: own words {outcome.own_words or 0}, cut {outcome.cut},"
        f" barge-in {barge}, questions understood {outcome.understood}",
        flush=True,
    )


async def measure(stack: Stack) -> bool:
    said = await rendered(stack, QUESTIONS)
    found: list[Outcome] = []
    async with phones() as where:
        await call(stack, LINES[0], where, said, RECEPTION)
        for _ in range(ROUNDS):
            for line in LINES:
                found.append(await call(stack, line, where, said, RECEPTION))
                tell(found[-1], RECEPTION)
            found.append(await call(stack, Line(220, -12.0, PCMA), where, said, BERLIN))
            tell(found[-1], BERLIN)
    barges = [one for one in found if one.barge_ms is not None]
    echoing = [one.barge_ms for one in barges if one.line.gain_db is not None and one.barge_ms]
    wanted = ROUNDS * (len(LINES) - 1)
    clean = [one.barge_ms for one in barges if one.line.gain_db is None and one.barge_ms]
    if clean:
        print(f"barge-in without echo: {statistics.median(clean):.0f} ms, n={len(clean)}")
    words = sum(len(one.own_words) for one in found)
    cuts = sum(one.cut for one in found)
    return all(
        (
            show_value("own words taken for the caller's", words, NONE, more=f", n={len(found)}"),
            show_value("own sentences cut by their echo", cuts, NONE, more=f", n={len(found)}"),
            show("barge-in → silence, over an echo", echoing, BARGE, wanted=wanted),
        )
    )


def main() -> int:
    head(
        "What the line's echo does",
        "the caller's first loud frame leaves the phone → the persona's last loud frame arrives",
    )
    if ALONE:
        print("  without the leg's canceller: the guard of the job alone\n")
    settings = {"SWITCHBOARD_SIP_ECHO_CANCELLER": "false"} if ALONE else {}
    with ours_alone(settings) as side:
        return 0 if asyncio.run(measure(side.stack)) else 1


if __name__ == "__main__":
    sys.exit(main())
