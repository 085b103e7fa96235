"""G.722 and what stands around it: 16 kHz on one side of a call whatever is on the other."""

from __future__ import annotations

import numpy as np
import pytest

from sip.bridge.media.codecs.decoder import Decoder
from sip.bridge.media.codecs.encoder import encoder
from sip.bridge.media.codecs.resample import WIDE_RATE, Narrower, Widener, silence
from sip.bridge.media.echo import LineEcho, Wide
from sip.bridge.media.g711 import FRAME, Pcm, codec
from sip.bridge.media.playout.playout import Playout
from tests.sip.bridge.caller import purity, tone

PCMU, PCMA, G722 = 0, 8, 9


def wide(hz: float, frames: int = 50) -> list[Pcm]:
    return tone(hz, frames, rate=WIDE_RATE)


def spoken(number: int, said: list[Pcm], *, lost: tuple[int, ...] = ()) -> Pcm:
    """What is heard of it at 16 kHz; of the lost frames nothing comes."""
    encode, decoder = encoder(number, WIDE_RATE), Decoder(WIDE_RATE)
    heard = []
    for index, frame in enumerate(said):
        octets = encode(frame)
        assert len(octets) == FRAME
        heard.append(silence(WIDE_RATE) if index in lost else decoder.decode(number, octets))
    return np.concatenate(heard)


@pytest.mark.parametrize("hz", [300, 1000, 3000, 5000, 6500])
def test_wide_band_sound_arrives(hz: float) -> None:
    heard = spoken(G722, wide(hz))

    assert len(heard) == 50 * 2 * FRAME
    assert purity(heard[3200:], hz, WIDE_RATE) > 0.95


def test_a_narrow_codec_has_nothing_above_4_khz() -> None:
    assert np.abs(spoken(PCMU, wide(6000))[3200:]).max() < 100
    assert purity(spoken(PCMA, wide(1500))[3200:], 1500, WIDE_RATE) > 0.99


def test_sound_goes_on_after_a_loss() -> None:
    """Nothing that was lost is waited for."""
    heard = spoken(G722, wide(1000), lost=(10, 11, 12, 30))

    assert purity(heard[35 * 320 :], 1000, WIDE_RATE) > 0.98


@pytest.mark.parametrize(("first", "then"), [(G722, PCMU), (PCMA, G722)])
@pytest.mark.parametrize("cut", [0, 60])
def test_a_phone_may_change_between_wide_and_narrow(first: int, then: int, cut: int) -> None:
    """Also within one of our frames: its packets are not cut as ours are."""
    before, after = encoder(first, WIDE_RATE), encoder(then, WIDE_RATE)
    said = wide(900, 40)
    playout = Playout(WIDE_RATE)
    heard = []
    for index, frame in enumerate(said):
        number, encode = (first, before) if index < 20 else (then, after)
        playout.put(index * FRAME + cut, encode(frame), number, index * 0.02)
        came = playout.listen(index * 0.02 + 0.01)
        assert came is not None
        heard.append(came)

    received = np.concatenate(heard)
    assert purity(received[: 19 * 320], 900, WIDE_RATE) > 0.95
    assert purity(received[-15 * 320 :], 900, WIDE_RATE) > 0.98


@pytest.mark.parametrize("there", [1, 100, 159])
def test_holes_in_the_first_wide_frame_are_silent(there: int) -> None:
    playout = Playout(WIDE_RATE)
    playout.put(0, encoder(G722, WIDE_RATE)(wide(1000, 1)[0])[:there], G722, 0.0)
    heard = playout.listen(0.015)

    assert heard is not None
    assert len(heard) == 320
    assert not heard[2 * there :].any()


@pytest.mark.parametrize("hz", [200, 1000, 3000])
def test_widening_and_narrowing_leave_a_voice_as_it_is(hz: float) -> None:
    widener, narrower = Widener(), Narrower()
    said = tone(hz, 40)
    back = np.concatenate([narrower.narrow(widener.widen(frame)) for frame in said])

    sent = np.concatenate(said).astype(int)
    # Both together are 46 samples of 16 kHz late.
    assert np.abs(back[400:6000].astype(int) - sent[400 - 23 : 6000 - 23]).max() < 150


def test_what_is_too_high_is_no_lower_tone_afterwards() -> None:
    narrower = Narrower()
    narrow = np.concatenate([narrower.narrow(frame) for frame in wide(5500, 20)])

    assert np.abs(narrow[400:]).max() < 60


class Copies:
    """A canceller that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Pcm] = []

    def cancel(self, sent: Pcm, heard: Pcm) -> Pcm:
        self.told.append(sent.copy())
        return heard


def test_a_wide_line_without_an_echo_is_passed_on_sample_for_sample() -> None:
    line = LineEcho(Copies, WIDE_RATE)
    said = wide(700, 30)
    for told, frame in zip(wide(400, 30), said, strict=True):
        assert line.without(frame) is frame
        line.sent(told)


def test_what_was_sent_on_a_wide_line_is_found_at_its_time() -> None:
    kept = Wide(longest=1600)
    for index in range(20):
        kept.sent(np.full(320, index, np.int16))

    assert set(kept.ago(0)) == {19}
    assert set(kept.ago(3 * FRAME)) == {16}
    assert list(kept.ago(FRAME // 2)[[0, 159, 160, 319]]) == [18, 18, 19, 19]


def test_a_law_is_the_same_on_a_narrow_call_as_ever() -> None:
    said = tone(1000, 1)[0]

    assert encoder(PCMU)(said) == codec(PCMU).encode(said)
    assert (
        Decoder().decode(PCMU, codec(PCMU).encode(said))
        == codec(PCMU).decode(codec(PCMU).encode(said))
    ).all()
