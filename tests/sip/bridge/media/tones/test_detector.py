"""Keys in the sound: all that are pressed, whatever the line does to them, and no voice is one."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sip.bridge.media.codecs.resample import Narrower
from sip.bridge.media.g711 import FRAME, Pcm, codec
from sip.bridge.media.tones.detector import ToneDetector
from sip.bridge.media.tones.dtmf import OF_KEY, tone
from tests.sip.bridge.media.tones.keypad import Keypad

ALL = "0123456789*#ABCD"
KEYS = ALL + "112233##"
SHORT = Keypad(on=0.04, off=0.04)


def heard(pcm: Pcm, step: int = FRAME) -> str:
    detector = ToneDetector()
    return "".join(detector.hear(pcm[at : at + step]) for at in range(0, len(pcm), step))


@pytest.mark.parametrize("law", [0, 8])
@pytest.mark.parametrize(
    "keypad",
    [
        Keypad(),
        SHORT,
        Keypad(on=0.04, off=0.2),
        Keypad(on=2.0, off=0.05),
        replace(SHORT, above_noise=15),
        Keypad(on=0.05, off=0.05, above_noise=12),
        replace(SHORT, low=6000, high=2400),
        replace(SHORT, low=3000, high=4700),
        replace(SHORT, beside=0.015),
        replace(SHORT, beside=-0.015),
        Keypad(on=0.05, off=0.05, low=400, high=400),
        Keypad(on=0.06, off=0.06, low=14000, high=14000),
        Keypad(on=0.07, off=0.045, beside=0.01, above_noise=18, high=2000),
    ],
    ids=repr,
)
def test_every_key_is_heard_once(keypad: Keypad, law: int) -> None:
    """ITU-T Q.24: from 40 ms on, 8 dB of twist one way and 4 the other, 1.5 % beside the pitch,
    quiet, loud and in noise; wherever it falls among our frames."""
    for seed in range(8):
        shifted = replace(keypad, before=0.03 + seed * 0.0027)

        assert heard(shifted.over(law, KEYS, seed), (160, 80, 97, 240)[seed % 4]) == KEYS


@pytest.mark.parametrize("keypad", [Keypad(), SHORT, replace(SHORT, low=5000, high=2500)])
def test_keys_are_heard_in_wide_sound(keypad: Keypad) -> None:
    narrow = Narrower().narrow(keypad.over(9, KEYS))

    assert heard(narrow) == KEYS


@pytest.mark.parametrize(
    "keypad",
    [
        Keypad(on=0.015),
        Keypad(on=0.02),
        Keypad(beside=0.035),
        Keypad(beside=-0.035),
        Keypad(low=12000, high=1500),
        Keypad(low=1500, high=8000),
        Keypad(low=60, high=60),
        Keypad(low=3000, high=0),
        Keypad(above_noise=-5),
    ],
    ids=repr,
)
def test_what_is_no_key_is_not_heard_as_one(keypad: Keypad) -> None:
    """Too short, too far beside its pitch, too uneven, too soft, one tone, or in loud noise."""
    assert "".join(heard(keypad.over(0, ALL, seed)) for seed in range(4)) == ""


@pytest.mark.parametrize("gap_ms", [3, 7, 10])
def test_a_tone_that_breaks_for_a_moment_is_one_key(gap_ms: int) -> None:
    pcm = Keypad(on=0.2).press("5")
    middle = int((0.037 + 0.1) * 8000)
    pcm[middle : middle + gap_ms * 8] = 0

    assert heard(pcm) == "5"


def test_one_key_after_another_without_a_pause_is_two() -> None:
    assert heard(Keypad(on=0.06, off=0.0).press("1590")) == "1590"


@pytest.mark.parametrize("key", ALL)
def test_what_we_send_is_what_is_heard(key: str) -> None:
    held = [tone(key, frame, 8) for frame in range(8)]
    quiet = [np.zeros(FRAME, np.int16)] * 4
    coded = [codec(0).decode(codec(0).encode(pcm)) for pcm in (*held, *quiet, *held, *quiet)]

    assert heard(np.concatenate(coded)) == 2 * key


def test_every_key_has_tones_of_its_own() -> None:
    assert sorted(OF_KEY) == sorted(ALL)
    assert len(set(OF_KEY.values())) == 16


TEXT = (
    "The quick brown fox jumps over the lazy dog. Seven thousand and eighty nine people were here, "
    "and nobody knew why the meeting had begun at half past two. Would you please hold the line? "
    "I am calling about an invoice, number four four seven one, which I have never received. "
    "Wir haben uns über die neue Verbindung sehr gefreut, aber seit Montag geht gar nichts mehr. "
)
VOICES = [(v, p) for v in ("en", "en+f3", "de", "de+m4", "fr+f2", "it") for p in (20, 50, 85, 99)]


@cache
def spoken(voice: str, pitch: int) -> Pcm:
    """Half a minute at 8 kHz or so: the voice's own rate is taken for a higher pitch, too."""
    command = ["espeak-ng", "-v", voice, "-p", str(pitch), "--stdout", TEXT * 2]
    said = subprocess.run(command, capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(said)) as file:
        rate = file.getframerate()
    pcm = np.frombuffer(said[44 : len(said) // 2 * 2], np.int16).astype(float)
    at = np.arange(0, len(pcm) - 1, rate / 8000)
    smooth = np.convolve(pcm, np.ones(3) / 3, "same")
    made: Pcm = np.interp(at, np.arange(len(pcm)), smooth).astype(np.int16)
    return made


def test_espeak_is_here_to_talk() -> None:
    """The voice that the tests below need, of the Debian package of that name."""
    assert shutil.which("espeak-ng") is not None


@pytest.mark.parametrize(("voice", "pitch"), VOICES)
def test_a_voice_presses_no_key(voice: str, pitch: int) -> None:
    """Quarter of an hour altogether, robotic in its pitch, and so worse than people."""
    assert heard(spoken(voice, pitch)) == ""


def test_music_and_other_tones_press_no_key() -> None:
    at = np.arange(8000 * 4) / 8000
    rng = np.random.default_rng(4)
    sounds = [
        4000 * (np.sin(2 * np.pi * 350 * at) + np.sin(2 * np.pi * 440 * at)),
        4000 * (np.sin(2 * np.pi * 480 * at) + np.sin(2 * np.pi * 620 * at)),
        8000 * np.sin(2 * np.pi * 2100 * at),
        sum(3000 * np.sin(2 * np.pi * hz * at) for hz in (697, 1209, 440)),
        sum(2000 * np.sin(2 * np.pi * 220 * n * at) for n in range(1, 8)),
        6000 * np.sin(2 * np.pi * (600 + 250 * at) * at),
        rng.standard_normal(len(at)) * 5000,
    ]

    assert [heard(np.asarray(sound).clip(-32768, 32767).astype(np.int16)) for sound in sounds] == [
        ""
    ] * len(sounds)
