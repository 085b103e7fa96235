"""Text to speech: one embedded voice, sentence by sentence, with what it said before at hand."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator

import numpy as np
from hibari import Hibari
from numpy.typing import NDArray

from agents.speech.models import espeak
from agents.speech.models.text_normalisation import readable
from agents.speech.models.weights import HIBARI, HIBARI_WORDS, load
from agents.speech.prerender_cache import PrerenderCache
from dialplans.contracts.speech_wire import Voice
from dialplans.speech.voices import PROGRAM

RATE = 24_000
OWN = "heart"
"""The voice in the package; English."""
QUIET = 300
"""Samples below this are the silence around a sentence."""
LEAD_S, TAIL_S = 0.01, 0.12
LOUDNESS = 3_000.0
"""Root mean square of the spoken part, about -21 dBFS: what telephone prompts have."""


class NoVoiceError(LookupError):
    """Nothing on this machine speaks the language."""


class Synthesiser:
    """Not for two threads at once: `say` locks, because the voice keeps state between sentences."""

    def __init__(self, phrases: PrerenderCache) -> None:
        load(HIBARI)
        load(HIBARI_WORDS)
        self._voice = Hibari(threads=1)
        self._phrases = phrases
        self._lock = threading.Lock()
        self._render("Hello there.", "en")

    def voices(self) -> list[Voice]:
        found = [Voice(OWN, "en", "neural")]
        if espeak.available():
            found += [
                Voice(name, code, "robotic") for code in espeak.LANGUAGES for name in espeak.VOICES
            ]
        return found

    def say(
        self, text: str, language: str, *, voice: str = "", keep: bool = False
    ) -> Iterator[bytes]:
        """PCM of each sentence as soon as it is there. A `voice` that is not here is replaced by
        the usual one of the language. Raises NoVoiceError before the first."""
        voice = self._named(voice, language)
        if (whole := self._phrases.get(text, language, voice)) is not None:
            yield whole
            return
        if language != "en" and not (language in espeak.LANGUAGES and espeak.available()):
            raise NoVoiceError(f"no voice on this machine speaks {language!r}")
        said = []
        for sentence in Hibari.split_sentences(text):
            said.append(self._sentence(sentence, language, voice))
            yield said[-1]
        self._phrases.put(text, language, voice, b"".join(said), keep=keep)

    def _named(self, voice: str, language: str) -> str:
        """Empty for the usual voice of a language, so that its sentences are kept once."""
        if not voice:
            return ""
        usual = OWN if language == "en" else PROGRAM
        known = any((v.name, v.language) == (voice, language) for v in self.voices())
        return voice if known and voice != usual else ""

    def _sentence(self, sentence: str, language: str, voice: str) -> bytes:
        if (known := self._phrases.get(sentence, language, voice)) is not None:
            return known
        pcm = self._render(sentence, language, voice)
        self._phrases.put(sentence, language, voice, pcm)
        return pcm

    def _render(self, sentence: str, language: str, voice: str = "") -> bytes:
        text = readable(sentence, language)
        with self._lock:
            if language == "en" and not voice:
                samples = self._voice(text, seed=0) * 32767
            else:
                samples = _espeak(text, language, voice or PROGRAM)
        return _levelled(samples).astype(np.int16).tobytes()


def _espeak(text: str, language: str, voice: str) -> NDArray[np.float32]:
    try:
        return np.frombuffer(espeak.speak(text, language, RATE, voice), np.int16).astype(np.float32)
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
