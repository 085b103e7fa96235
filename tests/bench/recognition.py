"""Word errors on telephone speech, through 8 kHz G.711: human prompts and synthetic callers.

Needs Debian's asterisk-core-sounds-en-wav for the human ones. The clock of a decode runs from
16 kHz samples in memory to text, one at a time; how busy the machine is shows in it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from agents.speech.models.timings import cpu_model
from agents.speech.models.weights import WHISPER_TINY_EN
from agents.speech.models.whisper import RATE, Whisper
from agents.speech.server.engine import load_engine
from tests.bench.words import error_rate, errors

DATA = Path(__file__).parent / "data"
PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
MUST, AIM = 0.06, 0.03


@dataclass(frozen=True)
class Spoken:
    file: Path
    text: str


@dataclass(frozen=True)
class Result:
    model: str
    words: list[tuple[str, str]]
    ms: list[float]

    @property
    def rate(self) -> float:
        return error_rate(self.words)


def spoken(table: str, folder: Path, suffix: str = "") -> list[Spoken]:
    lines = (DATA / table).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [Spoken(folder / f"{name}{suffix}", text) for name, text in rows]


def through_g711(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """µ-law and back (ITU-T G.711): eight bits a sample, as the telephone network has it."""
    magnitude = np.minimum(np.abs(samples.astype(np.int32)) + 132, 32767)
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    decoded = (((mantissa << 3) + 132) << exponent) - 132
    return np.asarray(np.sign(samples) * decoded, np.int16)


def heard(model: Whisper, sentences: list[Spoken], language: str = "en") -> Result:
    words, ms = [], []
    for pcm, text in _audio(sentences):
        began = time.perf_counter()
        found = model.hear(pcm, language).text
        ms.append((time.perf_counter() - began) * 1000)
        words.append((text, found))
    return Result(model.name, words, ms)


def _audio(sentences: list[Spoken]) -> Iterator[tuple[bytes, str]]:
    for one in sentences:
        samples, rate = soundfile.read(str(one.file), dtype="int16")
        narrow = through_g711(samples)
        wide = soxr.resample(narrow.astype(np.float32), rate, RATE)
        yield np.asarray(np.clip(wide, -32768, 32767), np.int16).tobytes(), one.text


def show(name: str, result: Result) -> bool:
    ordered = sorted(result.ms)
    verdict = "aim met" if result.rate <= AIM else "met" if result.rate <= MUST else "MISSED"
    sys.stdout.write(
        f"recognition, {name}: {result.rate:.1%} word errors ({verdict}; must ≤ {MUST:.0%}, "
        f"aim {AIM:.0%}), {result.model}, n={len(ordered)}, decode p50 "
        f"{ordered[len(ordered) // 2]:.0f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.0f} ms\n"
    )
    return result.rate <= MUST


def main() -> int:
    sys.stdout.write(f"{cpu_model()}\n")
    engine = load_engine("auto", None, workers=1)
    engine.close()
    measured = ", ".join(f"{n} {ms:.0f} ms" for n, ms in engine.recogniser.measured_ms.items())
    sys.stdout.write(
        f"three-second sentence: {measured}; English by {engine.recogniser.models()}\n"
    )
    chosen = engine.recogniser.model("en")
    other = engine.recogniser.base if chosen is not engine.recogniser.base else None
    models = [chosen, other or Whisper("whisper-tiny.en", WHISPER_TINY_EN)]
    callers = spoken("callers.tsv", DATA / "callers")
    sets = {"54 synthetic callers": callers}
    if PROMPTS.is_dir():
        sets["human prompts"] = spoken("asterisk_prompts.tsv", PROMPTS, ".wav")
    else:
        sys.stdout.write("no human prompts: apt install asterisk-core-sounds-en-wav\n")
    good = True
    for number, model in enumerate(models):
        results = {name: heard(model, sentences) for name, sentences in sets.items()}
        both = Result(
            model.name,
            [pair for one in results.values() for pair in one.words],
            [ms for one in results.values() for ms in one.ms],
        )
        for name, result in {**results, "together": both}.items():
            met = show(name, result)
            good = good and (met or number > 0)
        if "-v" in sys.argv:
            for said, found in both.words:
                if errors(said, found)[0]:
                    sys.stdout.write(f"    said  {said}\n    heard {found}\n")
    return 0 if good and "human prompts" in sets else 1


if __name__ == "__main__":
    sys.exit(main())
