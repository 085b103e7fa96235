"""What a phone is sent as sound, in the codec that was agreed on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from G722 import G722

from sip.bridge.media.codecs.payload_types import BIT_RATE, G722_TYPE
from sip.bridge.media.codecs.resample import WIDE_RATE, Narrower
from sip.bridge.media.g711 import SAMPLE_RATE, Pcm, codec

Encode = Callable[[Pcm], bytes]
"""20 ms in, their payload out."""


def encoder(number: int, rate: int = SAMPLE_RATE) -> Encode:
    """`rate` is that of the samples that go in; G.722 needs a wide one."""
    if number == G722_TYPE:
        wide = G722(WIDE_RATE, BIT_RATE)
        return lambda pcm: bytes(wide.encode(np.ascontiguousarray(pcm)))
    narrow = codec(number)
    if rate != WIDE_RATE:
        return narrow.encode
    narrower = Narrower()
    return lambda pcm: narrow.encode(narrower.narrow(pcm))
