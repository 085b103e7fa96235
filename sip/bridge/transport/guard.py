"""How much an address may send before it is told to slow down, and then not heard at all.

Bytes and messages are counted, whatever they are: requests, answers, keep-alives. Addresses of
trunks have a rate each and one together, and so have strangers, so that neither spends what the
others need. Who is on the line with us is held to its own rate only.
"""

from __future__ import annotations

import ipaddress
from collections import Counter, OrderedDict
from dataclasses import dataclass
from enum import Enum

from sip.bridge.transport.peers import Peers, Standing

MAX_SOURCES = 10_000
"""Addresses remembered on each side; the one that was quiet for longest is forgotten first."""

ALL_TRUNKS = 4
ALL_STRANGERS = 10
"""How many times the rate of one they have together."""

STRANGER_CONNECTIONS = 32
PEER_CONNECTIONS = 168
ONE_PEER_CONNECTIONS = 50
LARGEST_BYTES = 80 * 1024
"""No message is longer: headers, and a body with all its parts."""

REPORTS_PER_SECOND = 1.0
WRONG_PASSWORDS_PER_SECOND = 1 / 30
WRONG_PASSWORDS_AT_ONCE = 10


class Judgement(Enum):
    PASS = "pass"  # noqa: S105 - not a password
    REFUSE = "refuse"
    """Say 503 without keeping anything."""
    DROP = "drop"


@dataclass(frozen=True)
class Rate:
    """Tokens a second and how many may be saved up."""

    per_second: float
    burst: float

    def __mul__(self, times: float) -> Rate:
        return Rate(self.per_second * times, self.burst * times)


@dataclass(frozen=True)
class Allowance:
    messages: Rate
    octets: Rate
    calls: Rate
    """Also how many TLS handshakes: each costs as much of the processor as a call's first steps."""
    connections: int

    def together(self, times: float, connections: int) -> Allowance:
        return Allowance(
            self.messages * times, self.octets * times, self.calls * times, connections
        )


@dataclass(frozen=True)
class Limits:
    """What one address of each side may, and all of that side together."""

    peer: Allowance
    peers: Allowance
    stranger: Allowance
    strangers: Allowance
    refusals: Rate = Rate(5, 10)

    @classmethod
    def of(cls, *, calls: float, messages: float, octets: float, stranger_octets: float) -> Limits:
        """From rates a second. A stranger's largest message is what it may save up."""
        peer = Allowance(
            messages=Rate(messages, 2 * messages),
            octets=Rate(octets, max(2 * octets, LARGEST_BYTES)),
            calls=Rate(calls, 3 * calls),
            connections=ONE_PEER_CONNECTIONS,
        )
        stranger = Allowance(
            messages=Rate(messages / 25, max(1, messages / 12.5)),
            octets=Rate(stranger_octets, 2 * stranger_octets),
            calls=Rate(calls / 10, max(1, 0.3 * calls)),
            connections=1,
        )
        return cls(
            peer=peer,
            peers=peer.together(ALL_TRUNKS, PEER_CONNECTIONS),
            stranger=stranger,
            strangers=stranger.together(ALL_STRANGERS, STRANGER_CONNECTIONS),
        )


class _Bucket:
    def __init__(self, rate: Rate, at: float) -> None:
        self.rate = rate
        self.tokens = rate.burst
        self.at = at

    def has(self, cost: float, now: float) -> bool:
        saved = self.tokens + (now - self.at) * self.rate.per_second
        self.tokens = min(self.rate.burst, saved)
        self.at = now
        return self.tokens >= cost

    def take(self, cost: float, now: float) -> bool:
        if not self.has(cost, now):
            return False
        self.tokens -= cost
        return True

    def owe(self, cost: float, now: float) -> float:
        """Take it in any case; seconds until the debt is paid."""
        self.has(cost, now)
        self.tokens -= cost
        return max(0.0, -self.tokens / self.rate.per_second)


class _Account:
    """What an address, or a side as a whole, has left."""

    def __init__(self, allowance: Allowance, refusals: Rate, now: float) -> None:
        self.messages = _Bucket(allowance.messages, now)
        self.octets = _Bucket(allowance.octets, now)
        self.calls = _Bucket(allowance.calls, now)
        self.handshakes = _Bucket(allowance.calls, now)
        self.refusals = _Bucket(refusals, now)
        self.wrong = _Bucket(Rate(WRONG_PASSWORDS_PER_SECOND, WRONG_PASSWORDS_AT_ONCE), now)
        self.reported = float("-inf")

    def has(self, octets: int, now: float) -> bool:
        return self.octets.has(octets, now) and self.messages.has(1, now)

    def owe(self, octets: int, messages: int, now: float) -> float:
        return max(self.octets.owe(octets, now), self.messages.owe(messages, now))


class _Side:
    """Addresses of one kind: an account for each, and one for all of them."""

    def __init__(self, each: Allowance, together: Allowance, refusals: Rate) -> None:
        self.each = each
        self.together = together
        self.connections: Counter[str] = Counter()
        self._refusals = refusals
        self._all: _Account | None = None
        self._accounts: OrderedDict[str, _Account] = OrderedDict()

    def __len__(self) -> int:
        return len(self._accounts)

    def all(self, now: float) -> _Account:
        if self._all is None:
            self._all = _Account(self.together, self._refusals * ALL_TRUNKS, now)
        return self._all

    def account(self, source: str, now: float) -> _Account:
        known = self._accounts.get(source)
        if known is None:
            known = self._accounts[source] = _Account(self.each, self._refusals, now)
            if len(self._accounts) > MAX_SOURCES:
                self._accounts.popitem(last=False)
        self._accounts.move_to_end(source)
        return known


class Guard:
    """Pure: the caller brings the clock."""

    def __init__(
        self, limits: Limits, peers: Peers | None = None, *, report_every: float = 10
    ) -> None:
        self.peers = peers or Peers()
        self._report_every = report_every
        self._peers = _Side(limits.peer, limits.peers, limits.refusals)
        self._strangers = _Side(limits.stranger, limits.strangers, limits.refusals)
        self._reports = _Bucket(Rate(REPORTS_PER_SECOND, 10), 0.0)

    @property
    def sources(self) -> int:
        return len(self._peers) + len(self._strangers)

    def datagram(self, host: str, octets: int, now: float) -> bool:
        """Whether to read this datagram at all."""
        accounts = self._accounts(host, now)
        if not all(account.has(octets, now) for account in accounts):
            return False
        for account in accounts:
            account.owe(octets, 1, now)
        return True

    def stream(self, host: str, octets: int, messages: int, now: float) -> float:
        """This much was read from a connection; seconds to wait before more is."""
        return max(account.owe(octets, messages, now) for account in self._accounts(host, now))

    def largest(self, host: str) -> int:
        """How long a message of this address may be, in bytes."""
        burst = self._side(host).each.octets.burst
        return min(LARGEST_BYTES, int(burst))

    def call(self, host: str, now: float) -> Judgement:
        """Whether this INVITE (not a retransmission) may go further."""
        accounts = self._accounts(host, now)
        if all(account.calls.has(1, now) for account in accounts):
            for account in accounts:
                account.calls.take(1, now)
            return Judgement.PASS
        told = all(account.refusals.take(1, now) for account in accounts)
        return Judgement.REFUSE if told else Judgement.DROP

    def may_prove(self, host: str, now: float) -> bool:
        """Whether a password from there is looked at: who tries them out is not told which is
        right."""
        return self._side(host).account(_source(host), now).wrong.has(1, now)

    def wrong_password(self, host: str, now: float) -> None:
        self._side(host).account(_source(host), now).wrong.take(1, now)

    def handshake(self, host: str, now: float) -> bool:
        """Whether to begin one of TLS with this address."""
        accounts = self._accounts(host, now)
        if not all(account.handshakes.has(1, now) for account in accounts):
            return False
        for account in accounts:
            account.handshakes.take(1, now)
        return True

    def worth_reporting(self, host: str, now: float) -> bool:
        """True once in a while, so that a flood of calls is not a flood of records, from however
        many addresses it seems to come."""
        known = self._side(host).account(_source(host), now)
        if now - known.reported < self._report_every or not self._reports.take(1, now):
            return False
        known.reported = now
        return True

    def connect(self, host: str) -> Connected | None:
        """A place for a connection, to be given back; None if there is none for this address."""
        side, source = self._side(host), _source(host)
        full = side.connections.total() >= side.together.connections
        if full or side.connections[source] >= side.each.connections:
            return None
        side.connections[source] += 1
        return Connected(side, source)

    def _side(self, host: str) -> _Side:
        return self._peers if self.peers.standing(host).known else self._strangers

    def _accounts(self, host: str, now: float) -> list[_Account]:
        standing = self.peers.standing(host)
        side = self._peers if standing.known else self._strangers
        own = side.account(_source(host), now)
        return [own] if standing is Standing.ON_THE_LINE else [own, side.all(now)]


@dataclass(frozen=True)
class Connected:
    _side: _Side
    _source: str

    def give_back(self) -> None:
        self._side.connections[self._source] -= 1
        if not self._side.connections[self._source]:
            del self._side.connections[self._source]


def _source(host: str) -> str:
    """Who is counted as one: an IPv4 address; of IPv6 what one subscriber has, a /64."""
    if ":" not in host:
        return host
    return str(ipaddress.ip_network(f"{host.partition('%')[0]}/64", strict=False))
