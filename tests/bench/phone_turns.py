"""How long a caller waits for the reply: ours and stock, in turns, one call at a time.

Both hear the same recorded questions through the same SIP leg, and both run on the same Whisper
and the same voice. Each question is answered with a sentence of its own. A call has five turns,
then the other side is called, so that a change of the machine's mood meets both.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator

from agents.speech.client.client import SpeechClient
from dialplans.contracts.events import Tool, Turn
from sip.phone.call import PhoneCall
from tests.bench._figures import Bound, count, head, share, show, show_value
from tests.bench._sides import MODEL, Side, both_sides, warmed
from tests.bench._talk import QUESTIONS, Utterance, ask, greeted, in_turn, lets_finish, rendered
from tests.stack.caller import Telephone, telephone

TURNS = count("TURNS", 40)
A_CALL = 5
OURS = Bound(aim=600, of="p50")
OURS_P95 = Bound(aim=800)
RATIO = Bound(must=0.65, aim=0.5, of="p50", unit="× stock")


async def turns(call: PhoneCall, questions: Iterator[Utterance], wanted: int) -> list[float]:
    found = []
    for _ in range(wanted):
        gap = await ask(call, next(questions))
        if gap is not None:
            found.append(gap)
        await lets_finish(call)
    return found


async def block(side: Side, phones: Telephone, questions: Iterator[Utterance]) -> list[float]:
    """The turns of one call, and for ours what its record says about them."""
    await side.calm()
    caller = await phones.dial(side.number)
    await greeted(caller.call)
    try:
        found = await turns(caller.call, questions, A_CALL)
    finally:
        await caller.hangs_up()
    if side.name == "ours":
        await caller.records.refresh()
        understood = len(caller.records.of(Tool))
        gaps = ", ".join(f"{turn.gap_ms:.0f}" for turn in caller.records.of(Turn))
        print(f"  ours understood {understood} of {A_CALL}; gaps seen by the worker: {gaps}")
    print(f"  {side.name:<6} {', '.join(f'{ms:.0f}' for ms in found)} ms", flush=True)
    return found


async def decoding(side: Side) -> str:
    """What of it our speech process needed: the rest is patience, and the way of the sound."""
    speech = SpeechClient(side.stack.layout.speech_socket)
    try:
        figures = (await speech.ping(patience_s=10)).figures
    finally:
        await speech.aclose()
    kinds = ("speculative", "recognise", "wait", "understand")
    parts = (f"{kind} {figures.get(f'{kind}_p50_ms', 0):.0f}" for kind in kinds)
    return f"  our speech process, p50 in ms since its start: {', '.join(parts)}"


async def measure(ours: Side, stock: Side) -> bool:
    found: dict[str, list[float]] = {ours.name: [], stock.name: []}
    wanted = -(-TURNS // A_CALL) * A_CALL
    async with telephone(ours.stack) as phones:
        said = await rendered(ours.stack, QUESTIONS)
        asked = {side.name: in_turn(said) for side in (ours, stock)}
        await warmed(phones, ours, stock)
        for _ in range(wanted // A_CALL):
            for side in (ours, stock):
                found[side.name] += await block(side, phones, asked[side.name])
    print(await decoding(ours))
    mine, theirs = found[ours.name], found[stock.name]
    whole = show("ours: caller stops → reply", mine, OURS, wanted=wanted)
    show("ours: the same, p95", mine, OURS_P95, wanted=wanted)
    whole &= show("stock: caller stops → reply", theirs, Bound(), wanted=wanted)
    return show_value("ours / stock", share(mine, "p50") / share(theirs, "p50"), RATIO) and whole


def main() -> int:
    head(
        f"How long a caller waits for the reply, Whisper {MODEL} in both",
        "the last loud sample leaves the phone's queue → beginning of the first loud 10 ms heard",
    )
    with both_sides() as (ours, stock):
        return 0 if asyncio.run(measure(ours, stock)) else 1


if __name__ == "__main__":
    sys.exit(main())
