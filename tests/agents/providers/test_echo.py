"""What a session hears of its own voice is silence, whatever leg the telephone is on."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice import io

from agents.job.caller import Caller
from agents.providers.echo_guard import EchoGuard, guard
from agents.worker import _ready
from dialplans.contracts.jobs import ECHOLESS
from sip.phone.audio import resample
from tests.fakes.echoing_line import Echo, Line, Samples, frames, spoken

OURS = ("af_bella", "af_heart", "bm_george", "af_nova")
CALLER = ("am_eric", "am_adam")
VOICE, EAR = 24_000, 16_000
INTERRUPTS_S = 0.2


def sound(samples: Samples, rate: int) -> rtc.AudioFrame:
    return rtc.AudioFrame(samples.tobytes(), rate, 1, len(samples))


def pieces(samples: Samples, rate: int, seconds: float) -> list[rtc.AudioFrame]:
    step = round(rate * seconds)
    return [sound(samples[at : at + step], rate) for at in range(0, len(samples) - step + 1, step)]


def at_rate(samples: Samples, rate: int) -> Samples:
    return np.asarray(resample(samples, 8000, rate), np.int16)


def back(told: Samples, line: Line) -> Samples:
    """What comes back of it by the telephone and both ways through LiveKit."""
    echo = Echo(line)
    return np.concatenate([echo.of(frame) for frame in frames(told)]).astype(np.int16)


def longest_sound_s(heard: list[rtc.AudioFrame]) -> float:
    longest = now = 0.0
    for frame in heard:
        loud = np.abs(np.frombuffer(frame.data, np.int16).astype(int)).max() > 100
        now = now + frame.duration if loud else 0.0
        longest = max(longest, now)
    return longest


class Call:
    """A session that says `told`, all of it at once as a voice renders it, and hears."""

    def __init__(self) -> None:
        self.at = 0.0
        self.guard = EchoGuard(lambda: self.at)

    def says(self, told: Samples) -> None:
        for frame in pieces(at_rate(told, VOICE), VOICE, 0.02):
            self.guard.plays(frame)
        self.guard.ends()

    def hears(self, came: Samples, step_s: float = 0.02) -> list[rtc.AudioFrame]:
        heard = []
        for frame in pieces(at_rate(came, EAR), EAR, step_s):
            self.at += step_s
            heard.append(self.guard.without(frame))
        return heard


@pytest.mark.parametrize("later_ms", [150, 400, 900, 1300])
@pytest.mark.parametrize("gain_db", [-8.0, -22.0])
def test_our_own_voice_is_silence(later_ms: int, gain_db: float) -> None:
    """However long the way through LiveKit is."""
    call, told = Call(), spoken(*OURS, seconds=11)
    call.says(told)
    came = back(told, Line(later_ms, gain_db))

    heard = call.hears(came)

    assert longest_sound_s(pieces(at_rate(came, EAR), EAR, 0.02)) > INTERRUPTS_S
    assert longest_sound_s(heard) < INTERRUPTS_S


def test_frames_of_another_length_are_silenced_too() -> None:
    """SWITCHBOARD_FRAME_MS may be 50; a frame stays as long as it was."""
    call, told = Call(), spoken(*OURS)
    call.says(told)

    heard = call.hears(back(told, Line(300, -12.0)), step_s=0.05)

    assert longest_sound_s(heard) < INTERRUPTS_S
    assert {frame.samples_per_channel for frame in heard} == {800}


def test_a_caller_is_passed_on_as_they_are_while_we_speak() -> None:
    """On a line without an echo, every sample."""
    call, told = Call(), spoken(*OURS)
    call.says(told)
    caller = np.resize(spoken(*CALLER), len(told))

    heard = call.hears(caller)

    came = pieces(at_rate(caller, EAR), EAR, 0.02)
    same = [bytes(a.data) == bytes(b.data) for a, b in zip(heard, came, strict=True)]
    assert np.mean(same) > 0.98


def test_a_caller_who_speaks_over_the_echo_is_heard() -> None:
    call, told = Call(), spoken(*OURS, *OURS)
    call.says(told)
    came = back(told, Line(300, -14.0))[: 8 * 8000]
    caller = spoken(*CALLER)[:16_000]
    came[-16_000:] += caller

    heard = call.hears(came)[-100:]

    theirs = [np.abs(frame.astype(int)).max() > 3000 for frame in frames(caller)]
    through = [np.frombuffer(frame.data, np.int16).any() for frame in heard]
    assert np.mean([got for got, speaks in zip(through, theirs, strict=True) if speaks]) > 0.8


def test_an_echo_is_known_after_we_were_interrupted_and_spoke_again() -> None:
    """What was rendered and never played does not come back; the next sentence does."""
    call, told = Call(), spoken(*OURS)
    call.says(told)
    call.hears(back(told, Line(300, -12.0))[:16_000])
    call.guard.falls_silent()
    call.hears(np.zeros(20_000, np.int16))
    again = spoken("zm_yunyang", "bf_lily", *OURS)
    call.says(again)

    heard = call.hears(back(again, Line(300, -12.0)))

    assert longest_sound_s(heard) < INTERRUPTS_S


def test_an_ear_that_opens_late_knows_the_echo_all_the_same() -> None:
    """The caller's track may come half a second after we began to speak."""
    call, told = Call(), spoken(*OURS)
    call.says(told)
    call.at += 0.5

    heard = call.hears(back(told, Line(250, -12.0))[4000:])

    assert longest_sound_s(heard) < INTERRUPTS_S


class Ear(io.AudioInput):
    """A caller's track on paper."""

    def __init__(self, came: list[rtc.AudioFrame]) -> None:
        super().__init__(label="ear")
        self._came = deque(came)

    async def __anext__(self) -> rtc.AudioFrame:
        return self._came.popleft()


class Mouth(io.AudioOutput):
    """Our track on paper."""

    def __init__(self) -> None:
        capabilities = io.AudioOutputCapabilities(pause=True)
        super().__init__(label="mouth", sample_rate=VOICE, capabilities=capabilities)
        self.did: list[str] = []

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self.did.append("played")

    def flush(self) -> None:
        super().flush()
        self.did.append("flushed")

    def clear_buffer(self) -> None:
        self.did.append("cleared")


async def test_a_session_hears_and_speaks_through_the_guard() -> None:
    """Between what the room gives and all that listens to it; what is said arrives unchanged."""
    told = spoken(*OURS)
    mouth = Mouth()
    session: AgentSession[None] = AgentSession()
    session.input.audio = Ear(pieces(at_rate(back(told, Line(100, -8.0)), EAR), EAR, 0.02))
    session.output.audio = mouth
    at = 0.0
    guard(session, lambda: at)
    said = pieces(at_rate(told, VOICE), VOICE, 0.02)
    for frame in said:
        await session.output.audio.capture_frame(frame)
    session.output.audio.flush()
    heard = []
    for _ in said:
        at += 0.02
        heard.append(await anext(session.input.audio))
    session.output.audio.clear_buffer()

    assert mouth.did == ["played"] * len(said) + ["flushed", "cleared"]
    assert session.output.audio.sample_rate == VOICE
    assert longest_sound_s(heard) < INTERRUPTS_S


async def test_a_session_without_sound_needs_no_guard() -> None:
    session: AgentSession[None] = AgentSession()

    guard(session)

    assert session.input.audio is None


@pytest.mark.parametrize(("facts", "guarded"), [({}, True), ({ECHOLESS: "true"}, False)])
async def test_a_leg_that_takes_the_echo_out_is_not_guarded_twice(
    monkeypatch: pytest.MonkeyPatch, facts: dict[str, str], guarded: bool
) -> None:
    """What is left beneath the caller's voice would be taken for more of our own."""
    seen: list[object] = []

    async def answered(*_: object) -> bool:
        return True

    monkeypatch.setattr("agents.worker.guard", seen.append)
    monkeypatch.setattr("agents.worker.answered", answered)

    await _ready("session", "room", Caller("sip_1", True, facts))  # type: ignore[arg-type]

    assert bool(seen) is guarded
