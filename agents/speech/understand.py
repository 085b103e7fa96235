"""Which of a persona's intents a sentence means, or none.

Two witnesses: the nearest examples by sentence vector, and the words the intents file names. The
vectors know paraphrases ("what's the damage") but little German; the words, and character
n-grams of the examples, carry German.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.speech.embed import Embedder, Vectors
from dialplans.speechwire import Example

NEAREST = 0.75
"""Weight of the nearest example; the second nearest has the rest."""
WORD, WORDS = 0.12, 0.2
"""What one named word adds to a score, and what all of them may add."""
LETTERS = {"en": 0.15, "de": 0.55}
"""Share of the n-gram likeness in the score; the vectors have the rest."""

_FILLER = re.compile(
    r"^(?:(?:um+|uh+|er+|erm|ah|oh|so|well|right|okay|ok|yeah|hi there|hi|hello|hey|good morning|"
    r"good afternoon|sorry|actually|listen|look|äh+|ähm+|hm+|also|ja|hallo|guten tag)\b"
    r"[\s,.!…-]*)+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w']+")


@dataclass(frozen=True)
class Ranked:
    """`intent` is None below the threshold, or when two are closer than the margin."""

    intent: str | None
    score: float
    best: str = ""
    second: str = ""


class Understanding:
    """One set of intents, its examples embedded once."""

    def __init__(
        self,
        embedder: Embedder,
        examples: Sequence[Example],
        *,
        threshold: float,
        margin: float,
    ) -> None:
        self._embedder = embedder
        self._threshold = threshold
        self._margin = margin
        self._sentences = [one for one in examples if not one.word]
        self._owners = np.array([one.intent for one in self._sentences])
        self._vectors = embedder([_plain(one.text) for one in self._sentences])
        self._letters = [_ngrams(one.text) for one in self._sentences]
        self._words = [
            (one.intent, re.compile(rf"(?<!\w){re.escape(one.text.lower())}(?!\w)"))
            for one in examples
            if one.word
        ]

    def rank(self, text: str, language: str, among: Collection[str] = ()) -> Ranked:
        scores = self.scores(text, language)
        if among:
            scores = {name: score for name, score in scores.items() if name in among}
        ordered = sorted(scores.items(), key=lambda item: -item[1])
        if not ordered:
            return Ranked(None, 0.0)
        (best, score), rest = ordered[0], ordered[1:]
        second, runner_up = rest[0] if rest else ("", 0.0)
        sure = score >= self._threshold and score - runner_up >= self._margin
        return Ranked(best if sure else None, score, best, second)

    def scores(self, text: str, language: str) -> dict[str, float]:
        """Intent → how well the sentence fits it, about 0 to 1.2."""
        plain = _plain(text)
        if not plain:
            return {}
        likeness = self._likeness(plain, language)
        lowered = " ".join(_WORD.findall(text.lower()))
        hits = Counter(name for name, word in self._words if word.search(lowered))
        scores: dict[str, float] = {}
        for name in dict.fromkeys(self._owners.tolist()):
            near = np.sort(likeness[self._owners == name])[::-1]
            second = near[1] if len(near) > 1 else near[0]
            score = NEAREST * float(near[0]) + (1 - NEAREST) * float(second)
            scores[name] = score + min(WORDS, WORD * hits[name])
        return scores

    def _likeness(self, plain: str, language: str) -> NDArray[np.float64]:
        meaning = self._meaning(plain)
        grams = _ngrams(plain)
        share = LETTERS.get(language, LETTERS["de"])
        spelled = np.array([_cosine(grams, other) for other in self._letters])
        return np.asarray((1 - share) * meaning + share * spelled, np.float64)

    def _meaning(self, plain: str) -> Vectors:
        return np.asarray(self._vectors @ self._embedder([plain])[0], np.float32)


def _plain(text: str) -> str:
    """What is meant without "um, yeah, hello" in front; those words alone stay as they are."""
    lowered = " ".join(text.lower().replace("’", "'").split()).strip(" .,!?…")
    return _FILLER.sub("", lowered).strip(" .,!?…") or lowered


def _ngrams(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for word in _WORD.findall(text.lower()):
        padded = f" {word} "
        for size in (3, 4):
            found.update(padded[i : i + size] for i in range(len(padded) - size + 1))
    return found


def _cosine(a: Counter[str], b: Counter[str]) -> float:
    if not a or not b:
        return 0.0
    small, large = (a, b) if len(a) < len(b) else (b, a)
    dot = sum(count * large[gram] for gram, count in small.items())
    norms = sum(c * c for c in a.values()) * sum(c * c for c in b.values())
    return float(dot / norms**0.5)
