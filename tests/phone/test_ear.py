from __future__ import annotations

import numpy as np

from sip.phone.audio import Track, resample, trimmed
from sip.phone.ear import Ear, Segment

RATE = 8000


def tone(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    clock = np.arange(int(seconds * RATE)) / RATE
    return np.asarray(np.sin(2 * np.pi * 440 * clock) * 6000, np.int16)


def silence(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.zeros(int(seconds * RATE), np.int16)


def heard(*parts: np.ndarray[tuple[int], np.dtype[np.int16]], piece: int = 160) -> list[Segment]:
    """What an ear makes of audio that began at 100 s and came in pieces."""
    ear, audio = Ear(RATE), np.concatenate(parts)
    for start in range(0, len(audio), piece):
        chunk = audio[start : start + piece]
        ear.feed(chunk, 100 + (start + len(chunk)) / RATE)
    return [Segment(round(s.onset, 2), round(s.offset, 2)) for s in ear.segments]


def test_speech_is_timed_to_ten_milliseconds() -> None:
    """From its first loud frame to its last, whatever the size of the pieces it came in."""
    spoken = (silence(0.5), tone(1.0), silence(1.0))

    assert heard(*spoken) == [Segment(100.5, 101.5)]
    assert heard(*spoken, piece=77) == [Segment(100.5, 101.5)]


def test_a_pause_within_a_sentence_does_not_end_it() -> None:
    """Shorter than 0.4 s is one segment, longer is two."""
    short = heard(tone(0.5), silence(0.3), tone(0.5), silence(1))
    long = heard(tone(0.5), silence(0.6), tone(0.5), silence(1))

    assert short == [Segment(100.0, 101.3)]
    assert long == [Segment(100.0, 100.5), Segment(101.1, 101.6)]


def test_a_click_is_not_speech() -> None:
    """One loud frame is a click on the line."""
    assert heard(silence(0.2), tone(0.01), silence(0.5)) == []


def test_silence_is_trimmed_so_that_a_turn_ends_with_its_last_sound() -> None:
    """The clock of a turn starts at the last audible sample."""
    cut = trimmed(np.concatenate([silence(0.3), tone(0.5), silence(0.4)]))

    assert abs(len(cut) - 0.5 * RATE) < 20
    assert len(trimmed(silence(0.2))) == 0.2 * RATE


def test_a_track_keeps_pauses_where_they_were() -> None:
    """What arrives late is put later; small jitter of the clock adds nothing."""
    track = Track(RATE, began=10.0)
    track.add(tone(0.5), 10.0)
    track.add(tone(0.5), 10.51)
    track.add(tone(0.5), 12.0)

    whole = track.whole()

    assert len(whole) == 2.5 * RATE
    assert not whole[int(1.2 * RATE) : int(1.9 * RATE)].any()
    assert track.between(12.0, 12.5).any()


def test_resampling_keeps_the_length_in_time() -> None:
    """24 kHz speech becomes 8 kHz telephone."""
    assert len(resample(silence(1.0), RATE, 24_000)) == 24_000
