"""Whisper with an encoder window as long as the sentence, not thirty seconds."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from numpy.typing import NDArray

from agents.speech.models.digits import HINT, READINGS, likeliest
from agents.speech.models.weights import Part, load

RATE = 16_000
FRAMES_A_SECOND = 100
MAX_S = 30.0
TOKENS_A_SECOND = 9
ROUND = 5
FASTEST = 5.5
"""Words a second, with the silence around them; nobody says a sentence twice faster than that."""

WORD = r"[\w']+"

HELD = re.compile(r"([^\W\d_])\1{4}")
"""A letter held for long, as in "Wüüüüü": how a tone is spelt."""

NO_SPEECH = 0.6
UNLIKELY = -1.0
ABSURD = -1.55
"""Mean log probability. Silence, hum and DTMF tones are heard as "you" or "Oh!", improbably."""


@dataclass(frozen=True)
class Window:
    """How much the encoder looks at, in seconds: what was said and `margin_s` of silence, and no
    less than `least_s`. It costs time; with less Whisper repeats itself or invents the end of a
    sentence, a small one sooner."""

    least_s: float = 10.0
    margin_s: float = 5.0

    def seconds(self, said_s: float) -> float:
        return max(said_s + self.margin_s, self.least_s)


@dataclass(frozen=True)
class Transcription:
    """`text` is empty where nobody spoke; `log_probability` is the mean over its tokens."""

    text: str
    log_probability: float = 0.0
    no_speech: float = 0.0

    @property
    def confidence(self) -> float:
        return math.exp(min(0.0, self.log_probability)) if self.text else 0.0


class Whisper:
    """One model. `hear` may be called from as many threads as there are workers at once."""

    def __init__(
        self,
        name: str,
        weights: dict[str, tuple[Part, ...]],
        *,
        workers: int = 1,
        beam: int = 3,
        window: Window = Window(),
    ) -> None:
        self.name = name
        self._window = window
        self._beam = beam
        loaded = {file: load(*parts) for file, parts in weights.items()}
        self._model = WhisperModel(
            name,
            device="cpu",
            compute_type="int8",
            cpu_threads=1,  # two threads for one sentence are slower than one
            num_workers=workers,
            files=loaded,
        )
        self.multilingual: bool = self._model.model.is_multilingual
        self._prompts: dict[str, tuple[Tokenizer, list[int]]] = {}

    def hear(self, pcm: bytes, language: str, digits: Collection[int] = ()) -> Transcription:
        """`pcm` is 16-bit mono at 16 kHz; only the last thirty seconds count. `digits`: how many a
        number may have that the caller was asked for."""
        audio = _samples(pcm)
        window_s = self._window.seconds(len(audio) / RATE)
        if digits:
            readings = self._decode(audio, language, window_s, number=True)
            said = likeliest([(one.text, one.log_probability) for one in readings], digits)
            return Transcription("") if _nobody_spoke(readings[0]) else readings[said]
        heard = self._decode(audio, language, window_s)[0]
        if goes_round(heard.text):
            # a short window sometimes makes it say a sentence twice: the whole one never did
            sooner = said_once(heard.text, len(audio) / RATE)
            if sooner and heard.no_speech <= NO_SPEECH:
                heard = replace(heard, text=sooner)
            else:
                heard = self._decode(audio, language, MAX_S)[0]
        return Transcription("") if _nobody_spoke(heard) else heard

    def _decode(
        self, audio: NDArray[np.float32], language: str, window_s: float, *, number: bool = False
    ) -> list[Transcription]:
        """The readings, best first; more than one of a `number`."""
        seconds = len(audio) / RATE
        tokenizer, prompt = self._prompt(language)
        if number:
            hint = tokenizer.tokenizer.encode(HINT, add_special_tokens=False).ids
            prompt = [tokenizer.sot_prev, *hint, *prompt]
        result = self._model.model.generate(
            self._encode(audio, window_s),
            [prompt],
            beam_size=READINGS if number else self._beam,
            num_hypotheses=READINGS if number else 1,
            max_length=min(448, len(prompt) + 8 + int(seconds * TOKENS_A_SECOND)),
            suppress_blank=True,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        return [
            Transcription(tokenizer.decode(ids).strip(), score, result.no_speech_prob)
            for ids, score in zip(result.sequences_ids, result.scores, strict=True)
        ]

    def _encode(self, audio: NDArray[np.float32], seconds: float) -> Any:
        frames = min(int(MAX_S * FRAMES_A_SECOND), int(seconds * FRAMES_A_SECOND) // 2 * 2)
        wanted = frames * RATE // FRAMES_A_SECOND + 400
        padded = np.pad(audio, (0, max(0, wanted - len(audio))))
        features = self._model.feature_extractor(padded, padding=160)[:, :frames]
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None], np.float32))
        return self._model.model.encode(view)

    def _prompt(self, language: str) -> tuple[Tokenizer, list[int]]:
        if language not in self._prompts:
            tokenizer = Tokenizer(
                self._model.hf_tokenizer,
                self.multilingual,
                task="transcribe",
                language=language if self.multilingual else "en",
            )
            self._prompts[language] = (
                tokenizer,
                [*tokenizer.sot_sequence, tokenizer.no_timestamps],
            )
        return self._prompts[language]


def goes_round(text: str) -> bool:
    """Three words or more said twice on end, or five that come again later: a decoder that lost its
    way, or a patient caller, who is then only listened to once more."""
    words = _words(text)
    if _repeated(words) != (0, 0):
        return True
    runs = [tuple(words[i : i + ROUND]) for i in range(len(words) - ROUND + 1)]
    return len(set(runs)) < len(runs)


def said_once(text: str, seconds: float) -> str:
    """The first of a sentence that goes on from its beginning again, if nobody can have spoken so
    fast; else nothing, and only listening again can tell. One word over and over is no sentence:
    that is what a busy tone is heard as."""
    words = _words(text)
    first, size = _repeated(words)
    goes_on = words[first:] == words[first - size : len(words) - size]
    if not size or not goes_on or len(words) / seconds <= FASTEST or len(set(words)) == 1:
        return ""
    ends = [found.end() for found in re.finditer(WORD, text)][first - 1]
    rest = re.match(r"[^\w\s]*", text[ends:])
    return text[:ends] + (rest.group() if rest else "")


def _words(text: str) -> list[str]:
    return re.findall(WORD, text.lower())


def _repeated(words: list[str]) -> tuple[int, int]:
    """How many words there are up to the end of the first of two equal runs, and in a run; zeros
    where there is none."""
    for size in range(3, len(words) // 2 + 1):
        for start in range(len(words) - 2 * size + 1):
            if words[start : start + size] == words[start + size : start + 2 * size]:
                return start + size, size
    return 0, 0


def _samples(pcm: bytes) -> NDArray[np.float32]:
    samples = np.frombuffer(pcm[: len(pcm) & ~1], np.int16)[-int(MAX_S * RATE) :]
    return samples.astype(np.float32) / np.float32(32768)


def _nobody_spoke(heard: Transcription) -> bool:
    if heard.no_speech > NO_SPEECH and heard.log_probability < UNLIKELY:
        return True
    if heard.log_probability < ABSURD or HELD.search(heard.text):
        return True
    return not any(character.isalnum() for character in heard.text)
