"""G.711 against the values of ITU-T G.711 and against itself."""

from __future__ import annotations

import numpy as np
import pytest

from sip.bridge.media.g711 import codec

KNOWN = {
    0: {0x00: -32124, 0x7F: 0, 0x80: 32124, 0xFF: 0, 0x0F: -16764, 0xF0: 120},
    8: {0x55: -8, 0xD5: 8, 0x2A: -32256, 0xAA: 32256, 0x80: 5504, 0x00: -5504},
}


@pytest.mark.parametrize("payload_type", [0, 8])
def test_known_codes_decode_to_the_values_of_the_standard(payload_type: int) -> None:
    """Extremes, zero and a few steps of each law."""
    law = codec(payload_type)

    decoded = {code: int(law.decode(bytes([code]))[0]) for code in KNOWN[payload_type]}

    assert decoded == KNOWN[payload_type]


@pytest.mark.parametrize("payload_type", [0, 8])
def test_every_code_survives_decoding_and_encoding(payload_type: int) -> None:
    """Two codes mean zero in µ-law; all others come back as themselves."""
    law = codec(payload_type)
    codes = bytes(range(256))

    back = law.encode(law.decode(codes))

    same = law.decode(back) == law.decode(codes)
    assert same.all()


@pytest.mark.parametrize("payload_type", [0, 8])
def test_speech_is_kept_to_the_quality_of_the_law(payload_type: int) -> None:
    """A sine at normal loudness keeps a distance of over 35 dB to its rounding error."""
    law = codec(payload_type)
    sine = (np.sin(np.arange(8000) / 5) * 10000).astype(np.int16)

    error = law.decode(law.encode(sine)).astype(float) - sine

    distance = 10 * np.log10((sine.astype(float) ** 2).mean() / (error**2).mean())
    assert distance > 35


@pytest.mark.parametrize("payload_type", [0, 8])
def test_the_silence_byte_is_silent(payload_type: int) -> None:
    law = codec(payload_type)

    assert abs(int(law.decode(bytes([law.silence]))[0])) <= 8


def test_the_loudest_samples_do_not_wrap_around() -> None:
    loud = np.array([-32768, 32767], np.int16)

    low, high = codec(0).decode(codec(0).encode(loud))

    assert low < -32000
    assert high > 32000
