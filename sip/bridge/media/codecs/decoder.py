"""What a phone sends as sound, in whichever of the agreed codecs it comes."""

from __future__ import annotations

import numpy as np

from sip.bridge.media.g711 import FRAME, Pcm, codec, is_pause
from sip.bridge.media.jitter import Coded


def coding(codec_number: int) -> int:
    """How the jitter buffer marks its octets."""
    return codec_number + 1


def decode(frame: Coded) -> Pcm:
    """20 ms, with silence in the holes. A phone may change its codec within them."""
    first = frame.codings[0]
    if first and frame.codings.count(first) == FRAME:
        return codec(first - 1).decode(frame.octets)
    pcm: Pcm = np.zeros(FRAME, np.int16)
    codings = np.frombuffer(frame.codings, np.uint8)
    for mark in set(frame.codings) - {0}:
        there = codings == mark
        pcm[there] = codec(mark - 1).decode(frame.octets)[there]
    return pcm


def may_go_unheard(frame: Coded) -> bool:
    return is_pause(decode(frame))
