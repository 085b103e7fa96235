"""What the phone says, 20 ms at a time, out of the packets that it sends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sip.bridge.media.codecs.comfort_noise import ComfortNoise
from sip.bridge.media.codecs.concealment import Concealment
from sip.bridge.media.codecs.decoder import Decoder, coding, decoded_by
from sip.bridge.media.g711 import FRAME, FRAME_SECONDS, SAMPLE_RATE, Pcm
from sip.bridge.media.playout.elastic import Elastic
from sip.bridge.media.playout.jitter import MAX_DELAY, JitterBuffer, Place
from sip.bridge.media.tones.filter import ToneFilter

START_SECONDS = 0.006
"""What has begun a line less than this ago waits for the next tick: what follows may be slower."""

UNHEARD_SECONDS = 0.5
"""After which what came while nobody listened is too old to be heard."""


class Playout:
    """One phone's. Packets go in as they come, and out come 20 ms at each tick of our clock, as
    soon as the line allows. Where packets are missing the voice goes on for a moment."""

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        """`rate` is that of the samples that come out."""
        self._frame = rate * FRAME // SAMPLE_RATE
        self._scale = rate // SAMPLE_RATE
        self._buffer = JitterBuffer()
        self._decoder = Decoder(rate)
        self._concealment = Concealment(rate)
        self._noise = ComfortNoise()
        self._elastic = Elastic(rate)
        self._came: list[tuple[float, int]] = []
        self._begins: float | None = None
        self._listened: float | None = None
        self._sounds = False
        self._rate = rate
        self._tones: ToneFilter | None = None
        self.on_key: Callable[[str], None] = lambda key: None
        """A key was heard as a tone."""

    @property
    def late(self) -> int:
        """Packets that came after they were needed."""
        return self._buffer.late

    @property
    def delay(self) -> float:
        """Seconds of sound that wait."""
        waiting = self._buffer.delay + self._elastic.ready / self._scale
        return waiting / SAMPLE_RATE

    def reset(self) -> None:
        """Another source."""
        self._buffer.reset()

    def listen_for_tones(self, listen: bool) -> None:
        """From now on keys are heard in the sound, and left out of it; or not any more. Sound is
        heard 20 ms later then."""
        if listen is not (self._tones is not None):
            self._tones = ToneFilter(self._rate) if listen else None

    def put(self, timestamp: int, payload: bytes, codec: int, now: float) -> None:
        """A packet that came at `now`; `codec` by its static number."""
        self._noise.end()
        place = self._buffer.put(timestamp, payload, coding(codec))
        if place is None:
            return
        if place.anew:
            self._begins = now
            self._listened = now if self._listened is None else self._listened
            self._came.clear()
            self._elastic.pace.reset()
        elif place.waited:
            self._waits(place)
        elif place.ahead >= -MAX_DELAY:
            self._came.append((now, place.ahead * self._scale + self._elastic.ready))

    def be_noise(self, payload: bytes) -> None:
        """It sends none for a while, and noise of this loudness is to be heard (RFC 3389)."""
        self._noise.begin(payload)

    def listen(self, now: float) -> Pcm | None:
        """The next 20 ms; None where nothing is heard."""
        if self._listened is not None and now - self._listened > UNHEARD_SECONDS:
            self._leave_out()
        self._listened = now
        self._note(now)
        if self._begins is not None:
            soon, self._begins = now - self._begins < START_SECONDS, None
            if soon:
                return self._instead()
        if self._buffer.idle and not self._elastic.ready:
            self._buffer.pull(FRAME)
            if self._tones is not None:
                self._tones.forget()
            return self._instead()
        self._sounds = self._elastic.ready > 0
        pcm = self._elastic.next(self)
        if self._sounds:
            return pcm
        self._elastic.reset()
        return self._noise.frame(self._frame) if self._noise.on else None

    def has(self, samples: int) -> bool:
        return self._buffer.has(-(-samples // self._scale))

    def pull(self, samples: int) -> Pcm:
        octets = -(-samples // self._scale)
        pieces: list[Pcm] = []
        while octets > 0:
            piece = self._buffer.pull(octets)
            octets -= piece.length
            if piece.octets:
                self._sounds = True
                pcm = self._decoder.decode(decoded_by(piece.coding), piece.octets)
                pcm = self._concealment.heard(pcm)
            else:
                pcm = self._missing(piece.length * self._scale)
            pieces.append(pcm if self._tones is None else self._without_tones(self._tones, pcm))
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def _without_tones(self, tones: ToneFilter, pcm: Pcm) -> Pcm:
        left, keys = tones.through(pcm)
        for key in keys:
            self.on_key(key)
        return left

    def _missing(self, samples: int) -> Pcm:
        made: Pcm | None = None
        if self._noise.on:
            self._concealment.forget()
        else:
            made = self._concealment.missing(samples)
        if made is None:
            return np.zeros(samples, np.int16)
        self._sounds = True
        return made

    def _instead(self) -> Pcm | None:
        if self._noise.on:
            self._concealment.forget()
            return self._noise.frame(self._frame)
        return self._concealment.missing(self._frame)

    def _waits(self, place: Place) -> None:
        """What was noted before is of the place that the line had."""
        self._came.clear()
        if self._begins is None:
            self._elastic.pace.late(place.waited * self._scale)

    def _leave_out(self) -> None:
        """All but the newest 20 ms."""
        while self._buffer.delay > FRAME:
            self._buffer.pull(self._buffer.delay - FRAME)
        self._came.clear()
        self._elastic.reset()

    def _note(self, now: float) -> None:
        for came, samples in self._came:
            ticks, free = divmod(samples, self._frame)
            self._elastic.pace.note(now - came + ticks * FRAME_SECONDS, free)
        self._came.clear()
