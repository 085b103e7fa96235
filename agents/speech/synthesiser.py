"""Text to speech: one embedded voice, sentence by sentence, with what it said before at hand."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator

import numpy as np
from hibari import Hibari
from numpy.typing import NDArray

from agents.speech import espeak
from agents.speech.phrases import Phrases
from agents.speech.spoken import readable
from agents.speech.weights import HIBARI, HIBARI_WORDS, load
from dialplans.speechwire import Voice

RATE = 24_000
QUIET = 300
"""Samples below this are the silence around a sentence."""
LEAD_S, TAIL_S = 0.01, 0.12
LOUDNESS = 3_000.0
"""Root mean square of the spoken part, about -21 dBFS: what telephone prompts have."""


class NoVoiceError(LookupError):
    """Nothing on this machine speaks the language."""


class Synthesiser:
    """Not for two threads at once: `say` locks, because the voice keeps state between sentences."""

    def __init__(self, phrases: Phrases) -> None:
        load(HIBARI)
        load(HIBARI_WORDS)
        self._voice = Hibari(threads=1)
        self._phrases = phrases
        self._lock = threading.Lock()
        self._render("Hello there.", "en")

    def voices(self) -> list[Voice]:
        found = [Voice("hibari heart", "en", "neural")]
        if espeak.available():
            found += [Voice("espeak-ng", code, "robotic") for code in espeak.LANGUAGES]
        return found

    def say(self, text: str, language: str, *, keep: bool = False) -> Iterator[bytes]:
        """PCM of each sentence as soon as it is there. Raises NoVoiceError before the first."""
        if (whole := self._phrases.get(text, language)) is not None:
            yield whole
            return
        if language != "en" and not (language in espeak.LANGUAGES and espeak.available()):
            raise NoVoiceError(f"no voice on this machine speaks {language!r}")
        said = []
        for sentence in Hibari.split_sentences(text):
            said.append(self._sentence(sentence, language))
            yield said[-1]
        self._phrases.put(text, language, "", b"".join(said), keep=keep)

    def _sentence(self, sentence: str, language: str) -> bytes:
        if (known := self._phrases.get(sentence, language)) is not None:
            return known
        pcm = self._render(sentence, language)
        self._phrases.put(sentence, language, "", pcm)
        return pcm

    def _render(self, sentence: str, language: str) -> bytes:
        text = readable(sentence, language)
        with self._lock:
            if language == "en":
                samples = self._voice(text, seed=0) * 32767
            else:
                samples = _espeak(text, language)
        return _levelled(samples).astype(np.int16).tobytes()


def _espeak(text: str, language: str) -> NDArray[np.float32]:
    try:
        return np.frombuffer(espeak.speak(text, language, RATE), np.int16).astype(np.float32)
    except (OSError, subprocess.SubprocessError) as error:
        raise NoVoiceError(f"espeak-ng failed: {error}") from error


def _levelled(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sentence without the silence around it, as loud as any other."""
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    if not len(loud):
        return samples
    first = max(0, loud[0] - int(LEAD_S * RATE))
    cut = samples[first : loud[-1] + int(TAIL_S * RATE)]
    spoken = samples[loud]
    level = float(np.sqrt(np.mean(spoken * spoken)))
    gain = min(LOUDNESS / level, 30_000 / float(np.abs(cut).max()))
    return np.asarray(cut * gain, np.float32)
