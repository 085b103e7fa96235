"""How soon a persona stops when the caller starts to talk.

The persona tells who we are, five seconds long; two or three seconds into that, where the sentence
takes no breath longer than 0.13 s, the caller talks, and goes on talking. The question asked is
answered with the same sentence, into which the caller barges again: some samples a call.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator

from sip.phone.call import CLOCKS_S, PhoneCall
from tests.bench._figures import Bound, count, head, show
from tests.bench._sides import Side, ours_alone, series, warmed
from tests.bench._talk import PATIENCE_S, Utterance, in_turn, rendered
from tests.stack.caller import telephone

SAMPLES = count("CALLS", 20)
A_CALL = 5
BOUND = Bound(must=600, aim=400)
INTO_S = (2.05, 3.0)
QUESTIONS = (
    "Could you tell me who you are?",
    "Where are your premises, please?",
    "What is your address, please?",
    "Please tell me about your company.",
)


async def question(call: PhoneCall, said: Utterance) -> float:
    """When the answer begins."""
    await call.play(said.samples, said.rate)
    after = call.spoke_until - CLOCKS_S
    return (await call.hears_speech(after=after, timeout_s=PATIENCE_S)).onset


async def barge(call: PhoneCall, said: Utterance) -> tuple[float | None, float]:
    """Milliseconds from the caller's first sound to the persona's last, None if the persona did
    not speak just then; and when the next answer begins."""
    began = time.time()
    answers = await question(call, said)
    cut = next((one for one in call.heard if one.onset < began <= one.offset), None)
    return (None if cut is None else (cut.offset - began) * 1000), answers


async def measure(side: Side) -> bool:
    chance = random.Random(3)
    async with telephone(side.stack) as phones:
        questions = in_turn(await rendered(side.stack, QUESTIONS))
        await warmed(phones, side)

        async def of_call(call: PhoneCall) -> AsyncIterator[float | None]:
            speaks = await question(call, next(questions))
            for _ in range(A_CALL):
                await asyncio.sleep(speaks + chance.uniform(*INTO_S) - time.time())
                ms, speaks = await barge(call, next(questions))
                yield ms

        found = await series(side, phones, of_call, wanted=SAMPLES, a_call=A_CALL)
    return show("barge-in → silence", found, BOUND, wanted=SAMPLES)


def main() -> int:
    head(
        "How soon a persona lets the caller talk",
        "the caller's first loud sample is given to the phone's encoder → end of the persona's"
        " last loud 10 ms before a pause of 0.4 s",
    )
    with ours_alone() as side:
        return 0 if asyncio.run(measure(side)) else 1


if __name__ == "__main__":
    sys.exit(main())
