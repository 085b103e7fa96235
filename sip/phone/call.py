"""One call of the test phone: what it says, what it hears and when."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import baresip
import numpy as np

from sip.phone.audio import Samples, Track, read_wav, resample, trimmed, write_stereo
from sip.phone.ear import Ear, Segment

T = TypeVar("T")

POLL_S = 0.005
CLOCKS_S = 0.05
"""What the clocks of speaking and hearing may differ by: a reply at once seems to come earlier."""
AHEAD_S = 0.1
"""How much is queued in the stack: less stutters, more cannot be interrupted."""


class RefusedError(ConnectionError):
    """The call was not put through. `code` is the SIP status, None if nobody answered at all."""

    def __init__(self, code: int | None, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code} {reason}" if code else reason or "no answer")


class HungUpError(ConnectionError):
    """The far end hung up while something was awaited from it."""


@dataclass(frozen=True)
class Mark:
    """Something the SIP stack reported: ringing, progress, established, closed, …"""

    at: float
    what: str
    text: str = ""


class PhoneCall:
    """Made by Phone. All times are seconds since the epoch, like those in the call's events.

    `early` is what the stack reported while it dialled. A far end that is quick rings, or refuses,
    before the stack's own object of the call listens, and it would never learn of that.
    """

    def __init__(
        self, call: Any, dialled_at: float, early: Iterable[baresip.StackEvent] = ()
    ) -> None:
        self._call = call
        self.dialled_at = dialled_at
        self.marks: list[Mark] = []
        self.answered_at: float | None = None
        self.closed_at: float | None = None
        self.spoke_until = 0.0
        self.digits: list[tuple[float, str]] = []
        self._closed = asyncio.Event()
        self._hung_up_here = False
        self._rate = 8000
        self._ear = Ear(self._rate)
        self._far: Track | None = None
        self._near: Track | None = None
        self._listening: asyncio.Task[None] | None = None
        self._speaking = asyncio.Lock()
        call.on(self._on_event)
        call.on_dtmf(lambda event: self.digits.append((time.time(), event.digit)))
        for event in early:
            call._on_stack_event(event)

    async def answered(self, timeout_s: float = 30.0) -> None:
        """Waits for 200 OK and media. Raises RefusedError with the code that came instead."""
        try:
            await self._call.wait_established(timeout_s)
        except baresip.CallTimeout as error:
            raise RefusedError(None, f"nobody answered in {timeout_s:g} s") from error
        except baresip.CallFailed as error:
            raise RefusedError(error.status, error.reason) from error
        except baresip.StaleHandleError as error:
            raise RefusedError(*self._closing_status()) from error
        self.answered_at = self.at("established") or time.time()
        await self._listen()

    async def answer(self) -> None:
        """Takes an incoming call."""
        await self._call.answer()
        await self.answered()

    async def reject(self) -> None:
        """Refuses an incoming call with 486."""
        await self._call.reject()

    @property
    def peer(self) -> str:
        """The other side's SIP address."""
        return str(self._call.peer or "")

    @property
    def open(self) -> bool:
        return not self._closed.is_set()

    @property
    def ended_by_far_end(self) -> bool:
        return self._closed.is_set() and not self._hung_up_here

    @property
    def heard(self) -> list[Segment]:
        """When the far end spoke, up to now."""
        return self._ear.segments

    def at(self, what: str) -> float | None:
        """When the stack first reported it: ringing, progress, established, closed."""
        return next((mark.at for mark in self.marks if mark.what == what), None)

    def far_audio(self, segment: Segment, margin_s: float = 0.2) -> tuple[Samples, int]:
        """What was heard in a segment, and its rate; with a little silence around it."""
        assert self._far is not None
        return (
            self._far.between(segment.onset - margin_s, segment.offset + margin_s),
            self._rate,
        )

    async def play(self, what: Path | str | Samples, rate: int = 8000) -> None:
        """Speaks a WAV file, or samples at `rate`; returns when the last sound has left."""
        samples = read_wav(what, self._rate) if isinstance(what, Path | str) else what
        if not isinstance(what, Path | str):
            samples = resample(samples, rate, self._rate)
        await self._send(trimmed(samples))

    async def dtmf(self, digits: str) -> None:
        """Presses keys: 0-9, * and #, as RFC 4733 events."""
        await self._call.send_dtmf(digits)

    async def hears_speech(self, *, after: float | None = None, timeout_s: float = 10.0) -> Segment:
        """The next segment that begins after `after` (now); returns at its onset."""
        since = time.time() if after is None else after

        def found() -> Segment | None:
            return next((one for one in self._ear.segments if one.onset >= since), None)

        return await self._until(found, timeout_s, "no speech")

    async def hears_silence(self, for_s: float = 0.8, timeout_s: float = 30.0) -> float:
        """Waits until it was quiet for so long; the time of the last sound."""

        def quiet() -> float | None:
            last = max(self._ear.last_sound, self.answered_at or 0.0)
            return last if time.time() - last >= for_s else None

        return await self._until(quiet, timeout_s, "no silence")

    async def hears_reply(self, *, pause_s: float = 0.8, timeout_s: float = 10.0) -> Segment:
        """After `play`: all that the far end says next, up to a pause of `pause_s`."""
        first = await self.hears_speech(after=self.spoke_until - CLOCKS_S, timeout_s=timeout_s)
        last = await self.hears_silence(pause_s, timeout_s + 60)
        return Segment(first.onset, last)

    async def until_closed(self, timeout_s: float = 30.0) -> None:
        """Waits for either side to hang up; TimeoutError if nobody does."""
        await asyncio.wait_for(self._closed.wait(), timeout_s)

    async def hang_up(self) -> None:
        """BYE, or CANCEL while it rings. Harmless twice."""
        if not self._closed.is_set():
            self._hung_up_here = True
            with contextlib.suppress(baresip.BaresipError):
                await self._call.hangup()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), 3.0)
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    def save(self, path: Path | str) -> None:
        """The call as a stereo WAV: left this phone, right the far end."""
        if self._near is None or self._far is None:
            raise ValueError("the call was never answered: there is nothing to save")
        write_stereo(path, self._near.whole(), self._far.whole(), self._rate)

    def _on_event(self, event: baresip.StackEvent) -> None:
        name = event.event.name.removeprefix("CALL_").lower()
        self.marks.append(Mark(time.time(), name, event.text or ""))
        if name == "closed":
            self.closed_at = self.marks[-1].at
            self._closed.set()

    def _closing_status(self) -> tuple[int | None, str]:
        text = next((mark.text for mark in self.marks if mark.what == "closed"), "")
        head, _, rest = text.partition(" ")
        return (int(head), rest) if head.isdigit() and len(head) == 3 else (None, text)

    async def _listen(self) -> None:
        while self.open:
            with contextlib.suppress(baresip.BaresipError):
                info = self._call.audio.info()
                if info.tx_ready and info.rx_ready:
                    self._rate = info.rx_sample_rate
                    break
            await asyncio.sleep(POLL_S)
        now = time.time()
        self._ear = Ear(self._rate)
        self._far, self._near = Track(self._rate, now), Track(self._rate, now)
        self._listening = asyncio.create_task(self._read(), name="phone.listen")

    async def _read(self) -> None:
        assert self._far is not None
        while self.open:
            data = b""
            with contextlib.suppress(baresip.BaresipError):  # renegotiated: bound again next time
                data = self._call.audio.read(1 << 16)
            if data:
                samples = np.frombuffer(data, np.int16)
                now = time.time()
                self._ear.feed(samples, now)
                self._far.add(samples, now - len(samples) / self._rate)
            await asyncio.sleep(POLL_S)

    async def _send(self, samples: Samples) -> None:
        assert self._near is not None
        async with self._speaking:
            self._near.add(samples, time.time())
            data = samples.tobytes()
            while data:
                if not self.open:
                    raise HungUpError("the far end hung up while this phone spoke")
                with contextlib.suppress(baresip.BaresipError):
                    queued = self._call.audio.info().tx_buffered
                    room = max(0, int(AHEAD_S * self._rate) * 2 - queued)
                    data = data[self._call.audio.write(data[:room]) :]
                await asyncio.sleep(POLL_S)
            left = 0.0
            with contextlib.suppress(baresip.BaresipError):
                left = self._call.audio.info().tx_buffered / 2 / self._rate
            self.spoke_until = time.time() + left
            await asyncio.sleep(left)

    async def _until(self, found: Callable[[], T | None], timeout_s: float, what: str) -> T:
        deadline = time.time() + timeout_s
        while (answer := found()) is None:
            if not self.open:
                raise HungUpError(f"{what}: the far end hung up")
            if time.time() > deadline:
                raise TimeoutError(f"{what} within {timeout_s:g} s")
            await asyncio.sleep(POLL_S)
        return answer
