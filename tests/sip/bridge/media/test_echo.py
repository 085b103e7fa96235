"""The line's echo is taken out of what the phone says: pure, over recorded voices and G.711."""

from __future__ import annotations

import numpy as np
import pytest
from livekit import rtc
from livekit.plugins import silero

from sip.bridge.ffi.echo_canceller import Canceller
from sip.bridge.media.echo import LineEcho
from sip.bridge.media.g711 import SILENCE, Pcm
from tests.fakes.echoing_line import PCMA, PCMU, Echo, Line, Samples, frames, spoken, through

OURS = ("af_bella", "af_heart", "bm_george", "af_nova")
CALLER = ("am_eric", "am_adam")
INTERRUPTS_FRAMES = 10
"""A sound of 0.2 s interrupts a persona."""
AUDIBLE = 40.0


def loudness(frame: Pcm) -> float:
    wave = frame.astype(np.float64)
    return float(np.sqrt(np.mean(wave * wave)))


def longest_sound(heard: list[Pcm], above: float = AUDIBLE) -> int:
    """Frames in a row that are louder than that."""
    longest = now = 0
    for frame in heard:
        now = now + 1 if loudness(frame) > above else 0
        longest = max(longest, now)
    return longest


class Call:
    """One phone on one line; `heard` is what the room gets of it."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.echo = Echo(line)
        self.cancels = 0
        self.leg = LineEcho(self._canceller)
        self.heard: list[Pcm] = []
        self.spoken: list[Pcm] = []

    def _canceller(self) -> Canceller:
        self.cancels += 1
        return Canceller()

    def runs(self, told: Samples, caller: Samples | None = None) -> list[Pcm]:
        """We say something while the caller says something; what was heard of it."""
        quiet = np.zeros_like(told) if caller is None else np.resize(caller, len(told))
        began = len(self.heard)
        for ours, theirs in zip(frames(told), frames(quiet), strict=True):
            self.spoken.append(through(self.line.codec, self._mouth(theirs)))
            self.heard.append(self.leg.without(self.spoken[-1]))
            self._said = through(self.line.codec, ours)
            self.leg.sent(ours)
        return self.heard[began:]

    _said: Pcm | None = None

    def _mouth(self, theirs: Pcm) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        told = self._said if self._said is not None else np.zeros(len(theirs), np.int16)
        return self.echo.of(told) + theirs


LINES = [
    Line(0, -14.0, PCMU, 0.3),
    Line(20, -6.0, PCMA, 0.5),
    Line(20, -26.0, PCMU, 0.3),
    Line(65, -20.0, PCMU, 1.0),
    Line(180, -14.0, PCMU, 0.7),
    Line(180, -30.0, PCMA, 0.5),
    Line(250, -10.0, PCMA, 1.0),
    Line(400, -14.0, PCMU, 0.5),
    Line(500, -6.0, PCMU, 0.7),
    Line(500, -20.0, PCMA, 0.3),
    Line(700, -10.0, PCMA, 0.5),
]


@pytest.mark.parametrize("line", LINES, ids=str)
def test_nothing_of_our_own_voice_is_heard(line: Line) -> None:
    """From its first syllable on, at any delay and loudness, both laws, in rooms that smear it."""
    call = Call(line)

    heard = call.runs(spoken(*OURS, seconds=12))

    assert longest_sound(call.spoken) > INTERRUPTS_FRAMES
    assert longest_sound(heard) < INTERRUPTS_FRAMES


@pytest.mark.parametrize("by_ms", [-60, -20, 20, 60, 200])
def test_an_echo_that_moves_is_found_again(by_ms: int) -> None:
    """A jitter buffer, ours or the phone's, that grows or shrinks in the middle of a sentence."""
    call = Call(Line(250, -10.0))
    call.runs(spoken(*OURS))
    call.echo.moves(by_ms)

    heard = call.runs(spoken("zm_yunyang", "jf_alpha", *OURS))

    assert longest_sound(heard) < INTERRUPTS_FRAMES


class Slipping(Call):
    """Once a second or so a jitter buffer grows or shrinks by a frame, or a frame is missing."""

    chance = np.random.default_rng(11)

    def _mouth(self, theirs: Pcm) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        slips, by, missing = self.chance.random(3)
        if slips < 0.02:
            self.echo.moves(20 if by < 0.5 or self.echo.late_ms < 100 else -20)
        back = super()._mouth(theirs)
        return back * 0 if missing < 0.02 else back


@pytest.mark.parametrize("line", [Line(120, -8.0), Line(193, -14.0, PCMA), Line(350, -6.0)])
def test_an_echo_that_slips_by_frames_interrupts_nobody(line: Line) -> None:
    call = Slipping(line)

    heard = call.runs(spoken(*OURS, *OURS, "zm_yunyang", "bf_lily"))

    assert longest_sound(call.spoken) > INTERRUPTS_FRAMES
    assert longest_sound(heard) < INTERRUPTS_FRAMES


def hurried(came: list[Pcm], queue: int, by: int) -> list[Pcm]:
    """A buffer that holds so many packets too many when the first sound comes plays every `by`th
    until it has caught up."""
    first = next(n for n, frame in enumerate(came) if loudness(frame) > AUDIBLE)
    rest = came[first : first + queue * by // (by - 1) + 1 : by]
    return [SILENCE] * queue + came[:first] + rest + came[first + (len(rest) - 1) * by + 1 :]


@pytest.mark.parametrize("line", [Line(60, -14.0, room=0.0), Line(180, -10.0), Line(280, -20.0)])
@pytest.mark.parametrize("lasts", [4, 500], ids=["a blip", "for good"])
@pytest.mark.parametrize(("queue", "by"), [(4, 2), (7, 2), (10, 3)])
def test_packets_that_are_given_up_as_a_call_begins_hide_no_echo(
    line: Line, lasts: int, queue: int, by: int
) -> None:
    """No window is like what was sent then; a single frame is."""
    alone = Call(line)
    told = spoken(*OURS)
    alone.runs(told)
    came = hurried(alone.spoken, queue, by)
    sound = next(n for n, frame in enumerate(came) if loudness(frame) > AUDIBLE)
    leg, heard = LineEcho(Canceller), []

    for at, ours in enumerate(frames(told)):
        heard.append(leg.without(came[at] if at < sound + lasts else SILENCE))
        leg.sent(ours)

    assert longest_sound(heard) < 2


def test_noise_on_the_line_hides_no_echo() -> None:
    """What stays is no louder than the noise."""
    call = Call(Line(250, -14.0, noise=150.0))

    heard = call.runs(spoken(*OURS, *OURS))

    assert longest_sound(call.spoken, above=300.0) > INTERRUPTS_FRAMES
    assert longest_sound(heard, above=300.0) < INTERRUPTS_FRAMES


async def longest_voice(heard: list[Pcm]) -> float:
    """What the persona's voice detector takes for speech, at a stretch: seconds."""
    stream = silero.VAD.load(min_silence_duration=0.25).stream()
    for frame in heard:
        stream.push_frame(rtc.AudioFrame(frame.tobytes(), 8000, 1, len(frame)))
    stream.end_input()
    return max([event.speech_duration async for event in stream], default=0.0)


@pytest.mark.parametrize(
    "line",
    [
        Line(300, -20.0, noise=300.0),
        Line(180, -18.0, PCMA, noise=250.0),
        Line(450, -22.0, noise=200.0),
        Line(60, -24.0, PCMA, noise=150.0),
        Line(300, -14.0, noise=100.0),
    ],
    ids=str,
)
async def test_an_echo_beneath_the_noise_is_no_voice(line: Line) -> None:
    """Not even in the first second, when it is not known yet: a detector finds a voice in noise
    that is as loud."""
    call = Call(line)
    for _ in range(2):
        call.leg.without(SILENCE)  # its first packets are not there yet

    heard = call.runs(spoken(*OURS))

    assert await longest_voice(call.spoken) > 0.5
    assert await longest_voice(heard) < 0.2


SPEAKING_OVER = [
    (Line(180, -14.0), 1.0),
    (Line(40, -20.0, PCMA), 0.5),
    (Line(400, -26.0), 0.5),
    (Line(300, -6.0), 1.5),
    (Line(120, -6.0, PCMA), 1.0),
]


@pytest.mark.parametrize(("line", "loud"), SPEAKING_OVER, ids=str)
@pytest.mark.parametrize("already_s", [0.4, 6.0])
def test_a_caller_who_speaks_over_the_echo_is_heard(
    line: Line, loud: float, already_s: float
) -> None:
    """At once, whether we have just begun to speak or have spoken for a while: most of what the
    caller says comes through, and soon enough to interrupt."""
    call = Call(line)
    told = spoken(*OURS, *OURS)
    at = round(already_s * 8000)
    caller = np.asarray(loud * spoken(*CALLER), np.int16)[: 2 * 8000]
    says = np.concatenate([np.zeros(at, np.int16), caller])

    heard = call.runs(told[: len(says)], says)

    first = at // 160
    theirs = [loudness(frame) > 500 for frame in frames(caller)]
    through_ = [
        loudness(frame) > 250 for frame, speaks in zip(heard[first:], theirs, strict=True) if speaks
    ]
    began = theirs.index(True)
    soon = [loudness(frame) > 250 for frame in heard[first + began : first + began + 25]]
    assert np.mean(through_) > 0.7
    assert sum(soon) >= INTERRUPTS_FRAMES


BEGINNING = [
    (Line(180, -6.0), "af_heart", 56_640),
    (Line(180, -6.0), "am_puck", 56_320),
    (Line(180, -6.0), "am_onyx", 57_280),
    (Line(120, -6.0, PCMA), "am_puck", 56_000),
    (Line(300, -10.0), "bm_lewis", 56_960),
    (Line(300, -10.0), "af_sky", 56_320),
]


@pytest.mark.parametrize(("line", "name", "at"), BEGINNING, ids=str)
def test_a_caller_who_begins_in_a_pause_is_no_echo_that_has_moved(
    line: Line, name: str, at: int
) -> None:
    """The first periods of a voice are like some of ours somewhere."""
    call = Call(line)
    caller = spoken(name)[:8000]
    says = np.concatenate([np.zeros(at, np.int16), caller])

    heard = call.runs(spoken(*OURS, *OURS)[: len(says)], says)

    loud = [loudness(frame) > 500 for frame in frames(caller)]
    began = loud.index(True)
    theirs, first = loud[began : began + 25], at // 160 + began
    soon = [loudness(frame) > 250 for frame in heard[first : first + 25]]
    assert sum(soon) > 0.7 * sum(theirs)


@pytest.mark.parametrize("law", [PCMU, PCMA])
def test_a_line_without_an_echo_is_passed_on_as_it_is(law: int) -> None:
    """Also where the caller speaks while we do: no canceller is even made for such a line."""
    call = Call(Line(gain_db=None, codec=law))

    heard = call.runs(spoken(*OURS, *OURS), spoken(*CALLER, "if_sara", "am_onyx"))

    same = [np.array_equal(a, b) for a, b in zip(heard, call.spoken, strict=True)]
    assert np.mean(same) > 0.99
    assert call.cancels == 0


def test_what_we_said_a_while_ago_is_no_echo() -> None:
    """A caller who plays us our own sentence, two seconds after we have fallen silent, is heard."""
    call = Call(Line(gain_db=None))
    ours = spoken(*OURS)
    call.runs(ours)
    call.runs(np.zeros(16_000, np.int16))

    heard = call.runs(np.zeros_like(ours), ours)

    assert all(np.array_equal(a, b) for a, b in zip(heard, call.spoken[-len(heard) :], strict=True))


def test_a_receiver_that_is_picked_up_is_a_line_without_echo_again() -> None:
    """And whatever is said on it then is heard whole."""
    call = Call(Line(200, -12.0))
    call.runs(spoken(*OURS))
    call.echo = Echo(Line(gain_db=None))
    call.runs(spoken(*OURS))

    heard = call.runs(spoken(*OURS), spoken(*CALLER))

    same = [np.array_equal(a, b) for a, b in zip(heard, call.spoken[-len(heard) :], strict=True)]
    assert np.mean(same) > 0.99
