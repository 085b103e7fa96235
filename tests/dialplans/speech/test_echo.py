"""An echo is known by its wave, and nobody is taken for one because of what they say."""

from __future__ import annotations

import numpy as np
import pytest

from dialplans.speech.correlation import Pcm, Sent
from dialplans.speech.echo import EchoJudge, Verdict
from tests.fakes.echoing_line import Echo, Line, Samples, frames, spoken

OURS = ("af_bella", "bm_george", "af_nova", "am_adam")


def verdicts(told: Samples, heard: Samples) -> list[Verdict]:
    """Of each frame in which there is a sound."""
    sent = Sent()
    judge = EchoJudge(sent)
    found = []
    for ours, theirs in zip(frames(told), frames(heard), strict=True):
        verdict = judge.judge(theirs)
        if np.abs(theirs.astype(int)).max() > 500:
            found.append(verdict)
        sent.add(ours)
    return found


def share(found: list[Verdict], of: Verdict) -> float:
    return sum(one is of for one in found) / len(found)


def echo_of(told: Samples, line: Line) -> Samples:
    echo, last = Echo(line), np.zeros(160, np.int16)
    back: list[Pcm] = []
    for frame in frames(told):
        back.append(echo.of(last).astype(np.int16))
        last = frame
    return np.concatenate(back)


@pytest.mark.parametrize("later_ms", [20, 300, 800])
def test_an_echo_is_one_from_its_first_frame_on(later_ms: int) -> None:
    told = spoken(*OURS)[:64_000]

    found = verdicts(told, echo_of(told, Line(later_ms, -12.0)))

    assert found[0] is Verdict.ECHO
    assert share(found, Verdict.ECHO) > 0.97


@pytest.mark.parametrize("pitch", [0.8, 0.9, 1.15, 1.3])
def test_a_caller_who_repeats_our_words_is_no_echo(pitch: float) -> None:
    """Word by word, while we still speak, in a voice a little higher or lower than ours."""
    told = spoken(*OURS)
    again = np.interp(np.arange(0, len(told), pitch), np.arange(len(told)), told)
    later = np.concatenate([np.zeros(2400), again, np.zeros(len(told))])[: len(told)]

    found = verdicts(told, later.astype(np.int16))

    assert share(found, Verdict.ECHO) < 0.1


@pytest.mark.parametrize(
    "caller", [("am_eric", "if_sara"), ("zf_xiaoyi", "jm_kumo"), ("af_kore", "bf_lily")]
)
def test_a_caller_who_speaks_while_we_do_is_no_echo(caller: tuple[str, str]) -> None:
    told = spoken(*OURS)
    theirs = np.resize(spoken(*caller), len(told))

    found = verdicts(told, theirs)

    assert share(found, Verdict.ECHO) < 0.01


def test_a_sound_of_another_pitch_is_no_echo() -> None:
    """Music on hold, and a telephone that beeps."""
    at = np.arange(40_000) / 8000
    told = (6000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)

    found = verdicts(told, (6000 * np.sin(2 * np.pi * 1000 * at)).astype(np.int16))

    assert share(found, Verdict.CLEAR) == 1.0


def test_a_faint_echo_is_found_under_the_noise_of_the_line() -> None:
    """Too faint for any one window, but it is at the same place in all of them."""
    told = spoken(*OURS, *OURS)
    sent = Sent()
    judge = EchoJudge(sent)
    places = []
    noisy = echo_of(told, Line(200, -20.0, noise=250.0))
    for ours, theirs in zip(frames(told), frames(noisy), strict=True):
        judge.judge(theirs)
        sent.add(ours)
        places.append(judge.lag)

    later = places[len(places) // 2 :]
    known = [lag for lag in later if lag is not None]
    assert len(known) > 0.5 * len(later)
    assert all(abs(lag - 1600) < 20 for lag in known)
