"""Intents right on phrasings that are no examples, colloquial ones included.

`phrasings.yaml` is held out, and `phrasings_dates.yaml`, sentences with a day or a time in them;
those with `_dev` were looked at while the examples grew. The clock runs around one sentence: its
vector and its ranking, in this process.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from agents.speech.intents.intent_training import lesson
from agents.speech.intents.intents import load_intents
from agents.speech.models.embed import Embedder
from agents.speech.models.timings import cpu_model
from agents.speech.models.understand import Understanding

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = ROOT / "dialplans" / "prompts"
PHRASINGS = ROOT / "tests" / "speech" / "data"
FILES = {
    "phrasings.yaml": "held out",
    "phrasings_dates.yaml": "with a date, held out",
    "phrasings_dev.yaml": "looked at",
    "phrasings_dates_dev.yaml": "with a date, looked at",
}
MUST, AIM = 0.85, 0.95
NOTHING = "none"


@dataclass(frozen=True)
class Judged:
    language: str
    persona: str
    said: str
    meant: str
    found: str
    ms: float = 0.0

    @property
    def right(self) -> bool:
        return self.meant == self.found


def phrasings(file: str) -> Iterator[tuple[str, str, str, str]]:
    """(language, persona, intent, sentence); the intent is "none" for what means nothing."""
    data = yaml.safe_load((PHRASINGS / file).read_text(encoding="utf-8"))
    for language, personas in data.items():
        for persona, intents in personas.items():
            for intent, sentences in intents.items():
                for sentence in sentences:
                    yield language, persona, str(intent), sentence


def minds(embedder: Embedder) -> dict[str, Understanding]:
    found = {}
    for path in sorted(PROMPTS.glob("*.intents.yaml")):
        learned = lesson(load_intents(path))
        found[path.name.partition(".")[0]] = Understanding(
            embedder, learned.examples, threshold=learned.threshold, margin=learned.margin
        )
    return found


def judge(file: str, known: dict[str, Understanding]) -> list[Judged]:
    judged = []
    for language, persona, meant, said in phrasings(file):
        began = time.perf_counter()
        ranked = known[persona].rank(said, language)
        ms = (time.perf_counter() - began) * 1000
        judged.append(Judged(language, persona, said, meant, ranked.intent or NOTHING, ms))
    return judged


def share(judged: list[Judged]) -> float:
    return sum(one.right for one in judged) / max(1, len(judged))


def main() -> int:
    sys.stdout.write(f"{cpu_model()}\n")
    known = minds(Embedder())
    met = True
    for file, name in FILES.items():
        everything = judge(file, known)
        for language in ("en", "de"):
            judged = [one for one in everything if one.language == language]
            right, ms = share(judged), sorted(one.ms for one in judged)
            verdict = "aim met" if right >= AIM else "met" if right >= MUST else "MISSED"
            sys.stdout.write(
                f"understanding, {language}, {name}: {right:.1%} right "
                f"({verdict}; must ≥ {MUST:.0%}, aim {AIM:.0%}), n={len(judged)}, "
                f"p50 {ms[len(ms) // 2]:.0f} ms, "
                f"p95 {ms[int(len(ms) * 0.95)]:.0f} ms\n"
            )
            met = met and right >= MUST
            if "-v" in sys.argv:
                for one in (one for one in judged if not one.right):
                    sys.stdout.write(
                        f"    {one.persona}: {one.said!r} → {one.found}, not {one.meant}\n"
                    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
