"""What the phone says, without what it was just told: the line's echo is taken out.

A line without an echo costs next to nothing and is passed on as it is, sample for sample. Only once
the echo of our own sound was found in it, WebRTC's canceller begins to listen to both, so that a
caller can speak over the echo; what it leaves of the echo is silence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from dialplans.speech.correlation import Sent
from dialplans.speech.echo import EchoJudge, Verdict
from sip.bridge.media.codecs.resample import WIDE_RATE, Narrower, silence
from sip.bridge.media.g711 import FRAME, SAMPLE_RATE, Pcm

AHEAD = 192
"""Samples (24 ms) that the canceller is told of our sound before its echo comes."""
MOVED = 80
"""Samples by which the echo has to be elsewhere before the canceller is told."""
TRAINED_FRAMES = 50
"""Frames with an echo (1 s) that the canceller has to have heard before its word counts."""


LONGEST = 8192
"""Samples of 8 kHz that are kept of what was sent: as many as the judge looks back."""


class Canceller(Protocol):
    """Takes the sound that is about to come back, and what came."""

    def cancel(self, sent: Pcm, heard: Pcm) -> Pcm: ...


class LineEcho:
    """One phone's. Each 20 ms: `without` what it said, then `sent` what it is told."""

    def __init__(self, canceller: Callable[[], Canceller], rate: int = SAMPLE_RATE) -> None:
        """What is an echo is judged at 8 kHz, of a wide line too; the canceller hears it all."""
        self._new_canceller = canceller
        self._wide = Wide() if rate == WIDE_RATE else None
        self._silence = silence(rate)
        self._canceller: Canceller | None = None
        self._sent = Sent()
        self._line = EchoJudge(self._sent)
        self._lag = 0
        self._trained = 0

    def sent(self, pcm: Pcm) -> None:
        self._sent.add(pcm if self._wide is None else self._wide.sent(pcm))

    def without(self, spoken: Pcm) -> Pcm:
        verdict = self._line.judge(spoken if self._wide is None else self._wide.spoken(spoken))
        if not self._sent.may_echo:
            return spoken
        echo = verdict in (Verdict.ECHO, Verdict.MIXED)
        lag = self._line.lag
        if lag is None or (self._canceller is None and not self._line.sure):
            return self._silence if echo else spoken
        left = self._cancelled(spoken, lag)
        self._trained += echo
        if self._trained < TRAINED_FRAMES:
            return self._silence if echo else spoken
        return self._silence if verdict is Verdict.ECHO else left

    def _cancelled(self, spoken: Pcm, lag: int) -> Pcm:
        if self._canceller is None:
            self._canceller, self._lag, self._trained = self._new_canceller(), lag, 0
        if abs(lag - self._lag) > MOVED:
            self._lag = lag
        ago = max(0, self._lag - AHEAD)
        told = self._sent.ago(ago) if self._wide is None else self._wide.ago(ago)
        return self._canceller.cancel(told, spoken)


class Wide:
    """Both ways of a wide line as the judge hears them, and what was sent as the phone did."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._history: Pcm = np.zeros(2 * longest, np.int16)
        self._sent, self._spoken = Narrower(), Narrower()

    def sent(self, pcm: Pcm) -> Pcm:
        self._history[: -len(pcm)] = self._history[len(pcm) :]
        self._history[-len(pcm) :] = pcm
        return self._sent.narrow(pcm)

    def spoken(self, pcm: Pcm) -> Pcm:
        return self._spoken.narrow(pcm)

    def ago(self, samples: int) -> Pcm:
        """The frame that ended so many samples of 8 kHz ago."""
        end = len(self._history) - 2 * samples
        return self._history[end - 2 * FRAME : end]
