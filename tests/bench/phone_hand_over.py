"""The silence between "I will put you through to billing." and the first word of billing.

The caller asks to be put through, and then to be taken back, by voice, some times a call. Where in
the sound the sentence ends is known from its length: the phone has it from the same voice. The
silence is the longest that begins within 0.3 s of there.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import numpy as np

from agents.company.phrases import phrases
from sip.phone.audio import resample
from sip.phone.call import CLOCKS_S, PhoneCall
from sip.phone.ear import FRAME_S, Segment
from tests.bench._figures import Bound, count, head, show
from tests.bench._sides import Side, ours_alone, series, warmed
from tests.bench._talk import PATIENCE_S, Utterance, lets_finish, loud_frames, rendered
from tests.stack.caller import telephone

SAMPLES = count("CALLS", 12)
A_CALL = 4
BOUND = Bound(must=700, aim=500)
NEAR_S = 0.3
WAYS = (
    ("I have a question about my bill", "reception.to_billing"),
    ("Take me back to reception, please", "billing.to_reception"),
)
RATE = 8000


def silence_near(loud: np.ndarray, at: int) -> int | None:
    """Frames of the longest silence that begins near frame `at` and ends at a loud one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ~loud, [False]]).astype(np.int8)))
    runs = [(int(a), int(b)) for a, b in edges.reshape(-1, 2) if b < len(loud)]
    near = int(NEAR_S / FRAME_S)
    return max((b - a for a, b in runs if abs(a - at) <= near), default=None)


def length_frames(said: Utterance) -> int:
    """From its first to its last loud frame, as a phone hears it."""
    loud = np.flatnonzero(loud_frames(resample(said.samples, said.rate, RATE), RATE))
    return int(loud[-1] - loud[0] + 1)


async def hand_over(call: PhoneCall, asks: Utterance, sentence: Utterance) -> float | None:
    """Milliseconds of silence. None if what came was not a sentence and a greeting."""
    await call.play(asks.samples, asks.rate)
    first = await call.hears_speech(after=call.spoke_until - CLOCKS_S, timeout_s=PATIENCE_S)
    await lets_finish(call, 1.5)
    whole = Segment(first.onset, call.heard[-1].offset)
    samples, rate = call.far_audio(whole)
    loud = loud_frames(samples, rate)
    began = int(np.flatnonzero(loud)[0])
    frames = silence_near(loud, began + length_frames(sentence))
    return None if frames is None else frames * FRAME_S * 1000


async def measure(side: Side) -> bool:
    texts = [text for asks, key in WAYS for text in (asks, phrases("en").say(key))]
    async with telephone(side.stack) as phones:
        said = await rendered(side.stack, texts)
        await warmed(phones, side)

        async def of_call(call: PhoneCall) -> AsyncIterator[float | None]:
            for number in range(A_CALL):
                way = number % len(WAYS)
                yield await hand_over(call, said[2 * way], said[2 * way + 1])

        found = await series(side, phones, of_call, wanted=SAMPLES, a_call=A_CALL)
    return show("hand-over silence", found, BOUND, wanted=SAMPLES)


def main() -> int:
    head(
        "How long it is silent between two personas",
        "last loud 10 ms of the sentence that puts through → first loud 10 ms of the new persona",
    )
    with ours_alone() as side:
        return 0 if asyncio.run(measure(side)) else 1


if __name__ == "__main__":
    sys.exit(main())
