"""German by espeak-ng, if the machine has it: understandable, robotic, GPL, a program of its own.

No German voice with its weights inside a package was found; a cloud voice sounds like a person.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import wave

import numpy as np
import soxr

from dialplans.speech.voices import PROGRAM

LANGUAGES = {"de": "de", "en": "en-gb"}
"""Those of `dialplans.speech.voices.BY_PROGRAM`, by the program's own names."""
VARIANTS = ("", *(f"+f{n}" for n in range(1, 6)), *(f"+m{n}" for n in range(1, 9)))
"""espeak-ng's own women and men, so that two personas need not sound alike."""
VOICES = tuple(PROGRAM + variant for variant in VARIANTS)
WORDS_A_MINUTE = 155
TIMEOUT_S = 10.0


def available() -> bool:
    return shutil.which(PROGRAM) is not None


def speak(text: str, language: str, rate: int, voice: str = PROGRAM) -> bytes:
    """16-bit mono PCM at `rate`, by one of `VOICES`. Raises OSError or CalledProcessError if the
    program cannot."""
    found = subprocess.run(
        [
            PROGRAM,
            "-v",
            LANGUAGES[language] + voice.removeprefix(PROGRAM),
            "-s",
            str(WORDS_A_MINUTE),
            "--stdin",
            "--stdout",
        ],
        input=text.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=TIMEOUT_S,
        check=True,
    )
    with wave.open(io.BytesIO(found.stdout)) as spoken:
        own_rate = spoken.getframerate()
        # espeak-ng writes to a pipe before it knows the length: trust the data, not the header
        samples = np.frombuffer(spoken.readframes(spoken.getnframes()), np.int16)
    resampled = soxr.resample(samples.astype(np.float32), own_rate, rate)
    return bytes(np.clip(resampled, -32768, 32767).astype(np.int16).tobytes())
