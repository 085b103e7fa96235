"""Whether what a phone says is what it was just told: the line's echo.

A loudspeaker telephone, a bad hybrid or a mobile network gives back what it plays, later and
softer. An echo is known by the shape of its wave, not by its words: a caller who repeats a question
word by word has another wave, so nobody is taken for an echo because of what they say.

It lives here because the SIP leg and the agents, which know nothing of each other, both listen.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

import numpy as np

from dialplans.speech.correlation import (
    FAINT,
    FRAME,
    NEAR,
    NOTHING,
    REACH,
    SPEECH,
    WINDOW,
    Match,
    Pcm,
    Picture,
    Sent,
    Wave,
    power,
)

ALIKE = 0.5
"""An echo reaches 0.75 and more, 0.5 in a room full of reverberation; two voices that speak at the
same time, or one voice that says two things, 0.41 in 99 of 100 windows."""
ALIKE_THERE = 0.35
"""Is enough where the echo of the line is known to be."""
PURE = 0.85
"""Of how alike the echo of this line usually is, below which somebody may be speaking as well."""
RISES, FALLS = 0.1, 0.01
WHOLE_FRAMES = 4
"""Of the window have to be about as loud as its loudest, or it holds no more than a beginning."""

SOUND = 20.0**2
"""Mean square below which there is nothing to be heard."""
ABOVE_NOISE = 4.0
FLOOR_FRAMES = 150
QUIETEST = 0.15
"""The noise of a line is as loud as the quietest part of its last three seconds. Not as its
quietest frame: that one may be a packet which never came."""

ONSET_FRAMES = 4
"""The first frames of a sound are compared with all that was sent, later each `EVERY`th."""
EVERY = 4
PROBED_FRAMES = 200
"""So much of what we say (4 s) has to have been compared before a noisy line is known to have no
echo."""
PROBES_EVERY = 2
"""Until then."""
NOISY, DEAFENING = 40.0**2, 700.0**2
"""Mean squares of a noise that may hide an echo from every single comparison; beyond it no caller
would be understood, so that it is a sound that somebody makes."""

SLIPS = tuple(frames * FRAME for frames in (1, -1, 2, -2, 3, -3))
"""A jitter buffer that grows or shrinks moves the echo by whole frames."""
SETTLING_FRAMES = WINDOW // FRAME + 2
"""So long after it what is compared is of before and after, and what is left by a canceller is no
caller."""

MISSING_FRAMES, SAME, EXACT = 8, 0.8, 2
"""A buffer that was full when a call began gives up packet after packet, so that no window is like
what was sent. Each frame is, at a place that is whole frames (and two samples) from the last."""

LOUDER = 6.0
"""So much more power than the echo can have is somebody who speaks over it."""
CALLER_FRAMES = 5
"""So many frames unlike ours are somebody else's, if they are as loud as the echo."""
HOLD_FRAMES = 8
"""A caller is believed to go on for so long: a word has soft parts."""
SETTLES = 0.97
"""Of the loudest echo so far, match by match."""

BELIEVED = 8.0
"""Of a place is what a frame more says that matches there. Now what is not like ours is an echo as
well, unless it is a caller: a room, or what is left by a canceller, is like nothing."""
MOST = 50.0
UNLIKE_COSTS, SILENT_COSTS, HIDDEN_COSTS = 1.0, 0.3, 0.2
"""What a frame of ours says that came back as another sound (one second and the place is
forgotten), did not come back (three seconds: the receiver was picked up) or is not to be seen in
the noise of the line (five)."""


class Verdict(Enum):
    CLEAR = "clear"
    """Nothing of ours is in it."""
    ECHO = "echo"
    """And nothing else."""
    MIXED = "mixed"
    """An echo, and it may be that somebody speaks beneath it."""
    CALLER = "caller"
    """Somebody speaks over the echo that the line has."""


class EchoJudge:
    """Judges what is heard, frame by frame. Several may listen to one `sent`."""

    def __init__(self, sent: Sent) -> None:
        self._sent = sent
        self._heard: Wave = np.zeros(WINDOW + REACH, np.float32)
        self._loudness: deque[float] = deque(maxlen=FLOOR_FRAMES)
        self._floor = 0.0
        self._frames = 0
        self._rising = 0
        self._unlike = 0
        self._certain = 0
        self._hold = 0
        self._above = 0
        self._belief = 0.0
        self._level = 0.0
        self._usual = ALIKE
        self._perhaps: int | None = None
        self._settling = 0
        self._picture = Picture()
        self.lag: int | None = None
        """How many samples the line's echo is behind; None while none is known."""

    def judge(self, frame: Pcm) -> Verdict:
        """Of the next frame. Nothing is compared while nothing of ours can come back."""
        heard = self._heard
        heard[:-FRAME] = heard[FRAME:]
        heard[-FRAME:] = frame
        loudness = power(heard[-FRAME:])
        self._loudness.append(loudness)
        if not self._sent.may_echo:
            self._rising = self._hold = 0
            return Verdict.CLEAR
        if loudness < SOUND:
            self._rising = self._unlike = 0
            self._doubt(SILENT_COSTS)
            return Verdict.CLEAR
        self._floor = sorted(self._loudness)[int(QUIETEST * len(self._loudness))]
        self._rising = self._rising + 1 if loudness > ABOVE_NOISE * self._floor else 0
        match = self._match()
        there = self.lag is not None and self._is(match, self.lag)
        alike = match.likeness >= (ALIKE_THERE if there else ALIKE)
        if alike:
            self._learn(match)
        else:
            self._doubt(HIDDEN_COSTS if self._noisy else UNLIKE_COSTS)
        self._unlike = 0 if alike else self._unlike + 1
        if self.sure:
            self._certain = 0
            return self._over_echo(loudness, match.likeness)
        echo = self._between_ours(match) or alike or self._hidden()
        return Verdict.ECHO if echo else Verdict.CLEAR

    def _between_ours(self, match: Match) -> bool:
        """Two frames were ours beyond doubt: so is the rest of one word."""
        if self._unlike > MISSING_FRAMES:
            self._certain = 0
        self._certain += match.likeness >= SAME
        return self._certain > 1

    def _hidden(self) -> bool:
        """It may be an echo under noise, which a voice detector does not take for noise. A caller
        who is to be understood is louder than the noise, and not for a moment."""
        if self._rising >= CALLER_FRAMES - 1:
            self._above = HOLD_FRAMES
        self._above -= 1
        return self._above < 0 and self._noisy and (self.sure or self._probing)

    @property
    def _noisy(self) -> bool:
        return NOISY < self._floor < DEAFENING

    @property
    def _probing(self) -> bool:
        return self._noisy and self._frames < PROBED_FRAMES

    @property
    def sure(self) -> bool:
        return self.lag is not None and self._belief >= BELIEVED

    def _match(self) -> Match:
        here = NOTHING
        if self.lag is not None:
            here = self._sent.near(self._heard, self.lag).best()
        self._frames += 1
        if here.likeness >= ALIKE:
            return here
        if (frame := self._frame_of_ours()).likeness >= SAME:
            return frame
        elsewhere = self._alike_elsewhere
        if self.sure and (slipped := self._slipped()).likeness >= elsewhere:
            return slipped
        often = self._frames % (PROBES_EVERY if self._probing else EVERY) == 0
        if not often and not 0 < self._rising <= ONSET_FRAMES:
            return here
        everywhere = self._sent.everywhere(self._heard)
        if often and (faint := self._picture.add(everywhere)) is not None:
            self._place(faint)
            self._belief = MOST
        best = everywhere.best()
        return best if best.likeness >= elsewhere else here

    @property
    def _alike_elsewhere(self) -> float:
        """A few periods of any voice are like some of ours, so that a caller who begins to speak
        would be taken for an echo that has moved: they have to be as alike as that one is."""
        if not self.sure:
            return ALIKE
        frames = np.square(self._heard[REACH:]).reshape(-1, FRAME).sum(axis=1)
        whole = float(frames.sum()) ** 2 >= WHOLE_FRAMES * float(np.dot(frames, frames))
        return ALIKE if whole else max(ALIKE, PURE * self._usual)

    def _frame_of_ours(self) -> Match:
        """Where this very frame may be ours, a few frames from where the last one was."""
        last = self.lag if self._perhaps is None else self._perhaps
        if self.sure or last is None or self._unlike >= MISSING_FRAMES:
            return NOTHING
        heard = self._heard[-FRAME - REACH :]
        oldest = self._sent.longest - FRAME
        places = range(last - MISSING_FRAMES * FRAME, last + MISSING_FRAMES * FRAME + 1, FRAME)
        found = (self._sent.near(heard, p, EXACT).best() for p in places if 0 <= p <= oldest)
        return max(found, key=lambda match: match.likeness, default=NOTHING)

    def _slipped(self) -> Match:
        assert self.lag is not None
        oldest = self._sent.longest - WINDOW
        places = [self.lag + slip for slip in SLIPS if 0 <= self.lag + slip <= oldest]
        found = (self._sent.near(self._heard, place).best() for place in places)
        return max(found, key=lambda match: match.likeness, default=NOTHING)

    def _learn(self, match: Match) -> None:
        """A single match is not yet an echo, nor has the echo moved there, but by a frame."""
        if self.sure and self.lag is not None and self._is_slip(match.lag - self.lag):
            self.lag, self._perhaps, self._settling = match.lag, None, SETTLING_FRAMES
            return
        there = self.lag if self.lag is not None and self._is(match, self.lag) else self._perhaps
        if there is not None and self._is(match, there):
            self._place(match)
        else:
            self._perhaps = match.lag

    def _place(self, match: Match) -> None:
        known = self.lag is not None and self._is(match, self.lag)
        # What a room smears is as loud as what comes straight, and less like it.
        level = match.gain * match.gain / max(match.likeness, FAINT)
        self._level = max(self._level * SETTLES if known else 0.0, level)
        self._belief = min(MOST, self._belief + 1.0) if known else 1.0
        self._usual += (match.likeness - self._usual) * (
            RISES if match.likeness > self._usual else FALLS
        )
        self.lag, self._perhaps = match.lag, None

    @staticmethod
    def _is(match: Match, lag: int) -> bool:
        return abs(match.lag - lag) <= NEAR

    @staticmethod
    def _is_slip(by: int) -> bool:
        return any(abs(by - slip) <= NEAR for slip in SLIPS)

    def _doubt(self, costs: float) -> None:
        if self.lag is not None and self._sent.loudest(self.lag) > SPEECH:
            self._belief -= costs
            if self._belief <= 0:
                self.lag, self._frames = None, 0

    def _over_echo(self, loudness: float, likeness: float) -> Verdict:
        assert self.lag is not None
        echo = self._sent.loudest(self.lag) * self._level
        self._settling -= 1
        if self._settling > 0 and loudness <= LOUDER * echo:
            return Verdict.ECHO
        if likeness >= PURE * self._usual or (self._hidden() and echo > 0):
            self._hold = 0
            return Verdict.ECHO
        if loudness > LOUDER * echo or (self._unlike >= CALLER_FRAMES and loudness > echo):
            self._hold = HOLD_FRAMES
        self._hold -= 1
        return Verdict.CALLER if self._hold >= 0 else Verdict.MIXED
