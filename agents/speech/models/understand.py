"""Which of a persona's intents a sentence means, or none.

Kernel ridge regression over the examples, solved once when they are learned (milliseconds for a
few hundred). Sentences are compared by their vectors, which know paraphrases ("what do you want
from me" for a balance) but little German, and by their letters and words, which carry German. A
word that the intents file names speaks for its intent besides.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.speech.models.embed import Embedder
from dialplans.contracts.speech_wire import Example

SMALLTALK = Path(__file__).with_name("smalltalk.txt")

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """Found by leaving out each example in turn, per language.

    `meaning` is the vectors' share against the letters'; `sharpness` how fast likeness falls off;
    `smoothing` how little a single example decides; `sure` the score at which most sentences are
    right and most small talk is refused: it is 0.5 in the scores that leave here.
    """

    meaning: float
    sharpness: float
    smoothing: float
    sure: float


WEIGHTS = {
    "en": Weights(meaning=0.9, sharpness=2.0, smoothing=0.3, sure=0.26),
    "de": Weights(meaning=0.6, sharpness=4.0, smoothing=0.1, sure=0.18),
}
WORD, WORDS = 0.1, 0.2
"""What one named word adds before scaling, and what all of them may add."""
BUCKETS = 1024

_FILLER = re.compile(
    r"^(?:(?:um+|uh+|er+|erm|ah|oh|so|well|right|okay|ok|yeah|hi there|hi|hello|hey|good morning|"
    r"good afternoon|sorry|actually|listen|look|äh+|ähm+|hm+|also|ja|hallo|guten tag)\b"
    r"[\s,.!…-]*)+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w']+")


@dataclass(frozen=True)
class Ranked:
    """`intent` is None below the threshold, or when two are closer than the margin. Scores are
    about 0 to 1; 0.5 is where a sentence begins to be understood."""

    intent: str | None
    score: float
    best: str = ""
    second: str = ""


class Understanding:
    """One set of intents, its examples compared once."""

    def __init__(
        self,
        embedder: Embedder,
        examples: Sequence[Example],
        *,
        threshold: float,
        margin: float,
    ) -> None:
        self._threshold = threshold
        self._margin = margin
        self._names = list(dict.fromkeys(one.intent for one in examples if one.sentence))
        self._tongues = {
            language: _Tongue(embedder, examples, self._names, language) for language in WEIGHTS
        }
        self._words = [
            (one.intent, re.compile(rf"(?<!\w){re.escape(one.text.lower())}(?!\w)"))
            for one in examples
            if one.word
        ]
        self._needs = {
            name: _beginnings([one.text for one in examples if one.needed and one.intent == name])
            for name in {one.intent for one in examples if one.needed}
        }

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
        """Intent → how well the sentence fits it; empty for an empty sentence."""
        plain = plainly(text)
        if not plain:
            return {}
        tongue = self._tongues.get(language) or self._tongues["en"]
        lowered = " ".join(_WORD.findall(text.lower().replace("’", "'")))
        hits = Counter(name for name, word in self._words if word.search(lowered))
        fit = tongue.fit(plain)
        lacking = {name for name, needed in self._needs.items() if not needed.search(lowered)}
        return {
            name: (float(value) + min(WORDS, WORD * hits[name])) * 0.5 / tongue.weights.sure
            if name not in lacking
            else 0.0
            for name, value in zip(self._names, fit, strict=True)
        }


class _Tongue:
    """The examples as one language sees them: English by English ones, German by all of them,
    because German callers mix."""

    def __init__(
        self, embedder: Embedder, examples: Sequence[Example], names: list[str], language: str
    ) -> None:
        self.weights = WEIGHTS[language]
        self._embedder = embedder
        used = [
            one for one in examples if one.sentence and (language != "en" or one.language == "en")
        ]
        nothing = smalltalk()
        self._known = self._features([one.text for one in used] + nothing)
        targets = np.zeros((len(used) + len(nothing), len(names)), np.float32)
        for row, one in enumerate(used):
            targets[row, names.index(one.intent)] = 1
        kernel = self._likeness(self._known)
        kernel[np.diag_indices_from(kernel)] += self.weights.smoothing
        self._answers = np.linalg.solve(kernel, targets)

    def fit(self, plain: str) -> Matrix:
        return np.asarray(self._likeness(self._features([plain]))[0] @ self._answers, np.float32)

    def _likeness(self, features: Matrix) -> Matrix:
        return np.asarray(np.exp(self.weights.sharpness * (features @ self._known.T - 1)))

    def _features(self, texts: Sequence[str]) -> Matrix:
        plain = [plainly(text) for text in texts]
        meaning = self._embedder(plain) * self.weights.meaning**0.5
        letters = np.stack([_letters(text) for text in plain]) * (1 - self.weights.meaning) ** 0.5
        return np.asarray(np.hstack([meaning, letters]), np.float32)


def plainly(text: str) -> str:
    """What is meant without "um, yeah, hello" in front; those words alone stay as they are."""
    lowered = " ".join(text.lower().replace("’", "'").split()).strip(" .,!?…")
    return _FILLER.sub("", lowered).strip(" .,!?…") or lowered


def _beginnings(texts: list[str]) -> re.Pattern[str]:
    """Any of these at the beginning of a word."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(text.lower()) for text in texts)})")


def _letters(text: str) -> Matrix:
    """Runs of three and four letters, words and pairs of words, hashed; a unit vector."""
    found = np.zeros(BUCKETS, np.float32)
    words = _WORD.findall(text)
    for word in words:
        padded = f" {word} "
        for size in (3, 4):
            for start in range(len(padded) - size + 1):
                found[_bucket(padded[start : start + size])] += 1
    for phrase in [f"_{word}" for word in words] + [" ".join(p) for p in _pairs(words)]:
        found[_bucket(phrase)] += 1.5
    found = np.sqrt(found)
    return np.asarray(found / (np.linalg.norm(found) or 1.0), np.float32)


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    return list(itertools.pairwise(words))


def _bucket(text: str) -> int:
    return zlib.crc32(text.encode()) % BUCKETS


def smalltalk() -> list[str]:
    lines = SMALLTALK.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
