"""The messages of one call, the first and the last: of a long call the middle is only counted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from dialplans.contracts.sip_message import SipMessage
from sip.bridge.trace.masking import without_secrets

FIRST, LAST = 150, 50
"""Messages. What comes between them in a call that refreshes its session for a day is left out."""

FIRST_BYTES, LAST_BYTES = 48 * 1024, 16 * 1024
MESSAGE_BYTES = 12 * 1024
"""A longer message is cut, and says so."""

FOREIGN = 20
"""Messages from hosts that we have sent nothing to in this call."""

Key = tuple[bool, int]


@dataclass(frozen=True)
class Hop:
    """Whether we sent it, over what, and whom it came from or went to."""

    sent: bool
    transport: str
    host: str
    port: int

    @property
    def peer(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(eq=False)
class Rung:
    """One message. `repeats`: how often the same bytes went the same way again."""

    n: int
    key: Key
    at: datetime
    hop: Hop
    raw: bytes
    cut: int = 0
    first: bool = False
    repeats: int = 0

    def told(self) -> SipMessage:
        text = without_secrets(self.raw)
        if self.cut:
            text += f"\r\n({self.cut} octets more, not kept)"
        return SipMessage(
            n=self.n,
            at=self.at,
            sent=self.hop.sent,
            transport=self.hop.transport,
            peer=self.hop.peer,
            text=text,
            repeats=self.repeats,
        )


@dataclass(eq=False)
class Ladder:
    """Grows until it is full; `fresh` gives each message once, and again when it was repeated."""

    left_out: int = 0
    left_out_bytes: int = 0
    _count: int = 0
    _first: int = 0
    _first_bytes: int = 0
    _last: deque[Rung] = field(default_factory=deque)
    _last_bytes: int = 0
    _seen: dict[Key, Rung] = field(default_factory=dict)
    _fresh: dict[int, Rung] = field(default_factory=dict)
    _hosts: set[str] = field(default_factory=set)
    _foreign: int = 0

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._first_bytes + self._last_bytes

    @property
    def has_news(self) -> bool:
        return bool(self._fresh)

    def add(self, raw: bytes, hop: Hop, at: datetime) -> None:
        key = hop.sent, hash(raw)
        if (known := self._seen.get(key)) is not None:
            known.repeats += 1
            if known.first:
                self._fresh[known.n] = known
            return
        self._count += 1
        if not self._is_of_the_call(hop):
            self._leave_out(len(raw))
            return
        cut = max(0, len(raw) - MESSAGE_BYTES)
        self._keep(Rung(self._count, key, at, hop, raw[:MESSAGE_BYTES], cut))

    def fresh(self, *, over: bool = False) -> list[SipMessage]:
        """What is new since the last time; the last messages only when it is `over`."""
        found, self._fresh = list(self._fresh.values()), {}
        return [rung.told() for rung in (*found, *(self._last if over else ()))]

    def _is_of_the_call(self, hop: Hop) -> bool:
        """Whoever guesses a Call-ID may say a little, and does not fill the ladder."""
        if hop.sent or self._count == 1:
            self._hosts.add(hop.host)
        elif hop.host not in self._hosts:
            self._foreign += 1
        return hop.host in self._hosts or self._foreign <= FOREIGN

    def _keep(self, rung: Rung) -> None:
        size = len(rung.raw)
        self._seen[rung.key] = rung
        if not self._last and self._first < FIRST and self._first_bytes + size <= FIRST_BYTES:
            rung.first = True
            self._first += 1
            self._first_bytes += size
            self._fresh[rung.n] = rung
            return
        self._last.append(rung)
        self._last_bytes += size
        while len(self._last) > LAST or self._last_bytes > LAST_BYTES:
            gone = self._last.popleft()
            self._last_bytes -= len(gone.raw)
            del self._seen[gone.key]
            self._leave_out(len(gone.raw) + gone.cut)

    def _leave_out(self, octets: int) -> None:
        self.left_out += 1
        self.left_out_bytes += octets
