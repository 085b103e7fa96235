"""What a phone sends as sound, in whichever of the agreed codecs it comes."""

from __future__ import annotations

import numpy as np
from G722 import G722

from sip.bridge.media.codecs.payload_types import BIT_RATE, G722_TYPE
from sip.bridge.media.codecs.resample import WIDE_RATE, Widener
from sip.bridge.media.g711 import SAMPLE_RATE, Pcm, codec


def coding(codec_number: int) -> int:
    """How the jitter buffer marks its octets."""
    return codec_number + 1


def decoded_by(mark: int) -> int:
    """The codec of octets that are marked so."""
    return mark - 1


class Decoder:
    """One phone's. G.722 goes on from packet to packet, so they have to come in their order."""

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        """`rate` is that of the samples that come out; only a wide one takes G.722."""
        self._wide = rate == WIDE_RATE
        self._widener = Widener()
        self._g722 = G722(WIDE_RATE, BIT_RATE) if self._wide else None

    def decode(self, number: int, octets: bytes) -> Pcm:
        """However many there are. A phone may change its codec whenever it likes."""
        if number == G722_TYPE:
            assert self._g722 is not None
            return np.asarray(self._g722.decode(octets), np.int16)
        pcm = codec(number).decode(octets)
        return self._widener.widen(pcm) if self._wide else pcm
