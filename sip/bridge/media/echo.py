"""What the phone says, without what it was just told: the line's echo is taken out.

A line without an echo costs next to nothing and is passed on as it is, sample for sample. Only once
the echo of our own sound was found in it, WebRTC's canceller begins to listen to both, so that a
caller can speak over the echo; what it leaves of the echo is silence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from dialplans.speech.correlation import Sent
from dialplans.speech.echo import EchoJudge, Verdict
from sip.bridge.media.g711 import SILENCE, Pcm

AHEAD = 192
"""Samples (24 ms) that the canceller is told of our sound before its echo comes."""
MOVED = 80
"""Samples by which the echo has to be elsewhere before the canceller is told."""
TRAINED_FRAMES = 50
"""Frames with an echo (1 s) that the canceller has to have heard before its word counts."""


class Canceller(Protocol):
    """Takes the sound that is about to come back, and what came."""

    def cancel(self, sent: Pcm, heard: Pcm) -> Pcm: ...


class LineEcho:
    """One phone's. Each 20 ms: `without` what it said, then `sent` what it is told."""

    def __init__(self, canceller: Callable[[], Canceller]) -> None:
        self._new_canceller = canceller
        self._canceller: Canceller | None = None
        self._sent = Sent()
        self._line = EchoJudge(self._sent)
        self._lag = 0
        self._trained = 0

    def sent(self, pcm: Pcm) -> None:
        self._sent.add(pcm)

    def without(self, spoken: Pcm) -> Pcm:
        verdict = self._line.judge(spoken)
        if not self._sent.may_echo:
            return spoken
        echo = verdict in (Verdict.ECHO, Verdict.MIXED)
        lag = self._line.lag
        if lag is None or (self._canceller is None and not self._line.sure):
            return SILENCE if echo else spoken
        left = self._cancelled(spoken, lag)
        self._trained += echo
        if self._trained < TRAINED_FRAMES:
            return SILENCE if echo else spoken
        return SILENCE if verdict is Verdict.ECHO else left

    def _cancelled(self, spoken: Pcm, lag: int) -> Pcm:
        if self._canceller is None:
            self._canceller, self._lag, self._trained = self._new_canceller(), lag, 0
        if abs(lag - self._lag) > MOVED:
            self._lag = lag
        return self._canceller.cancel(self._sent.ago(max(0, self._lag - AHEAD)), spoken)
