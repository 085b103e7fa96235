"""What a phone sends as sound, in whichever of the agreed codecs it comes."""

from __future__ import annotations

import numpy as np
from G722 import G722

from sip.bridge.media.codecs.payload_types import BIT_RATE, G722_TYPE
from sip.bridge.media.codecs.resample import WIDE_RATE, Widener
from sip.bridge.media.g711 import FRAME, SAMPLE_RATE, Pcm, codec, is_pause
from sip.bridge.media.jitter import Coded


def coding(codec_number: int) -> int:
    """How the jitter buffer marks its octets."""
    return codec_number + 1


class Decoder:
    """One phone's. G.722 goes on from frame to frame, so they have to come in their order."""

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        """`rate` is that of the samples that come out; only a wide one takes G.722."""
        self._wide = rate == WIDE_RATE
        self._widener = Widener()
        self._g722 = G722(WIDE_RATE, BIT_RATE) if self._wide else None
        self._paused = True

    def decode(self, frame: Coded) -> Pcm:
        """20 ms, with silence in the holes. A phone may change its codec within them."""
        first = frame.codings[0]
        if first and frame.codings.count(first) == FRAME:
            pcm = self._whole(first - 1, frame.octets)
        else:
            pcm = self._pieces(frame)
        if self._wide:
            self._paused = is_pause(pcm)
        return pcm

    def may_go_unheard(self, frame: Coded) -> bool:
        """Whether nobody speaks in a frame that is not played yet. What G.722 says is known only
        when all before it was heard, so it counts as what was played last."""
        if coding(G722_TYPE) in frame.codings:
            return self._paused
        return is_pause(_narrow(frame))

    def _whole(self, number: int, octets: bytes) -> Pcm:
        if number == G722_TYPE:
            return self._decoded(octets)
        pcm = codec(number).decode(octets)
        return self._widener.widen(pcm) if self._wide else pcm

    def _pieces(self, frame: Coded) -> Pcm:
        pcm = _narrow(frame)
        if not self._wide:
            return pcm
        pcm = self._widener.widen(pcm)
        there = np.frombuffer(frame.codings, np.uint8) == coding(G722_TYPE)
        if there.any():
            octets = np.frombuffer(frame.octets, np.uint8)[there].tobytes()
            pcm[np.repeat(there, 2)] = self._decoded(octets)
        return pcm

    def _decoded(self, octets: bytes) -> Pcm:
        assert self._g722 is not None
        return np.asarray(self._g722.decode(octets), np.int16)


def _narrow(frame: Coded) -> Pcm:
    """What of a frame is G.711, at 8 kHz."""
    pcm: Pcm = np.zeros(FRAME, np.int16)
    codings = np.frombuffer(frame.codings, np.uint8)
    for mark in set(frame.codings) - {0, coding(G722_TYPE)}:
        there = codings == mark
        pcm[there] = codec(mark - 1).decode(frame.octets)[there]
    return pcm
