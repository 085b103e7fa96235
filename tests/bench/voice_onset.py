"""How soon a caller's voice is noticed after silence, and whether: the session's detector and ours.

Sentences of our own voice, as it is and slowed to two thirds of its pitch, in the band of a
telephone, at four levels, each after 1 to 15 seconds of a noise. Both detectors hear the same
samples. The clock is the sound itself, not the machine: from a sentence's first sample to the end
of the window with which speech begins, in steps of 32 ms.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import numpy as np
from livekit.agents import inference, vad

from agents.speech.client.vad import ForgetfulVAD
from tests.bench.__main__ import processor
from tests.bench._figures import Bound, count, show, show_value
from tests.speech.conftest import Pcm, Spoken
from tests.speech.onset import RATE, Wave, narrow, noisy, onsets

SENTENCES = (
    "Could you tell me who you are?",
    "When are you open, please?",
    "Yes.",
    "No, thank you.",
    "I need to speak to a person.",
    "Stop, wait a moment.",
    "The internet at my office has been down since this morning.",
    "Billing.",
    "Sorry, can you repeat that?",
)
NOISES = (0.0, 3.0, 20.0, 60.0, 200.0)
LEVELS = (400.0, 1_000.0, 3_500.0, 8_000.0)
EACH = count("SENTENCES", 9)
HEARD_WITHIN_S = 0.3
"""After its end: a short word may be over when it is noticed."""
LATE = Bound(aim=250.0)
DEAF = Bound(must=0.01, aim=0.0, of="", unit="of all")
UNJUDGED = Bound(of="", unit="of all")
HALF = 0.5
"""Of a deep voice's sentences that LiveKit's does not hear, at the most."""


def line(
    said: list[Wave], noise: float, level: float, chance: np.random.Generator
) -> tuple[Pcm, list[tuple[float, float]]]:
    """The samples, and when each sentence begins and ends in them (s)."""
    parts: list[Wave] = []
    spans, at = [], 0
    for _ in range(EACH):
        quiet = np.zeros(int(chance.uniform(1, 15) * RATE))
        sentence = said[chance.integers(len(said))] * level
        begins = at + len(quiet)
        at = begins + len(sentence)
        spans.append((begins / RATE, at / RATE))
        parts += [quiet, sentence]
    return noisy(np.concatenate([*parts, np.zeros(RATE)]), noise, chance), spans


async def measure(detector: Callable[[], vad.VAD], said: list[Wave]) -> tuple[list[float], float]:
    """How late (ms), of those that were noticed; the share of those that were not."""
    late: list[float] = []
    sentences = 0
    for number, (noise, level) in enumerate((n, v) for n in NOISES for v in LEVELS if v >= 5 * n):
        samples, spans = line(said, noise, level, np.random.default_rng(number))
        found = await onsets(detector(), samples)
        sentences += len(spans)
        for begins, ends in spans:
            noticed = [one for one in found if begins < one <= ends + HEARD_WITHIN_S]
            late += [(noticed[0] - begins) * 1_000] if noticed else []
    return late, 1 - len(late) / sentences


def plain() -> vad.VAD:
    return inference.VAD(min_silence_duration=0.3)


def main() -> int:
    print(f"How soon a voice is noticed\n  {processor()}; 200 to 3,600 Hz at 16 kHz, no codec")
    print("  clock: a sentence's first sample → speech begins, by the samples\n", flush=True)
    voice = Spoken()
    fine = True
    for deep in (False, True):
        said = [narrow(voice(text), deep=deep) for text in SENTENCES]
        who = "deep voice, " if deep else ""
        late, deaf = asyncio.run(measure(plain, said))
        show(f"{who}as LiveKit has it", late, Bound(), wanted=0)
        show_value(f"{who}unheard", deaf, UNJUDGED)
        late, less = asyncio.run(measure(lambda: ForgetfulVAD(plain()), said))
        show(f"{who}ours", late, LATE, wanted=0)
        must = Bound(must=deaf * HALF, of="", unit="of all") if deep else DEAF
        fine &= show_value(f"{who}unheard", less, must)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
