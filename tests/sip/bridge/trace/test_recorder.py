"""Which messages become a call's, how many are kept, and when they are told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dialplans.contracts.events import Event, Signalled
from dialplans.contracts.outbox import Outbox
from dialplans.contracts.sip_message import SipMessage
from sip.bridge.trace import recorder as limits
from sip.bridge.trace.ladder import FIRST, FOREIGN, LAST, MESSAGE_BYTES, Hop, Ladder
from sip.bridge.trace.recorder import LINGERS, TOLD_EVERY, UNCLAIMED, UNCLAIMED_SECONDS, Recorder

PHONE = Hop(False, "UDP", "192.0.2.7", 5062)
TO_PHONE = Hop(True, "UDP", "192.0.2.7", 5062)
STRANGER = Hop(False, "UDP", "203.0.113.66", 5060)
CALL = "call-4420-abc"


def sip(first: str, call_id: str = "one@phone", *, cseq: int = 1, body: str = "") -> bytes:
    return f"{first}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} X\r\n\r\n{body}".encode()


INVITE = sip("INVITE sip:+4420@here SIP/2.0")
TRYING = sip("SIP/2.0 100 Trying")
OK = sip("SIP/2.0 200 OK")
BYE = sip("BYE sip:here SIP/2.0", cseq=2)


class Leg:
    """A recorder, a clock that the test moves, and what was told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.outbox = Outbox(self)
        self.events: list[Event] = []
        self.recorder = Recorder(self.outbox, clock=lambda: self.now)
        self.recorder.local = "192.0.2.1:5060"
        # Told at once: there is no Redis to wait for.
        self.outbox.add = self.events.append  # type: ignore[method-assign]

    async def append(self, event: Event) -> None: ...

    def wait(self, seconds: float) -> list[SipMessage]:
        """The messages of the events that come of it."""
        self.now += seconds
        before = len(self.events)
        self.recorder.tell()
        return [m for e in self.events[before:] if isinstance(e, Signalled) for m in e.messages]


@pytest.fixture
def leg() -> Leg:
    return Leg()


def test_a_call_is_told_from_its_first_message_on(leg: Leg) -> None:
    """Also what came before anybody knew that it would be one."""
    leg.recorder.tap(INVITE, PHONE)
    leg.recorder.tap(TRYING, TO_PHONE)
    leg.recorder.claim("one@phone", CALL)
    leg.recorder.tap(OK, TO_PHONE)

    told = leg.wait(TOLD_EVERY)

    assert [(m.n, m.sent, m.text.splitlines()[0]) for m in told] == [
        (1, False, "INVITE sip:+4420@here SIP/2.0"),
        (2, True, "SIP/2.0 100 Trying"),
        (3, True, "SIP/2.0 200 OK"),
    ]
    assert {m.peer for m in told} == {"192.0.2.7:5062"}
    event = leg.events[0]
    assert isinstance(event, Signalled)
    assert (event.call, event.dialogue, event.local) == (CALL, "one@phone", "192.0.2.1:5060")


def test_what_was_told_is_not_told_again_unless_it_was_repeated(leg: Leg) -> None:
    leg.recorder.tap(INVITE, PHONE)
    leg.recorder.claim("one@phone", CALL)
    leg.wait(TOLD_EVERY)
    leg.recorder.tap(OK, TO_PHONE)
    first = leg.wait(TOLD_EVERY)
    leg.recorder.tap(OK, TO_PHONE)
    leg.recorder.tap(OK, TO_PHONE)
    second = leg.wait(TOLD_EVERY)
    nothing = leg.wait(TOLD_EVERY)

    assert [(m.n, m.repeats) for m in first] == [(2, 0)]
    assert [(m.n, m.repeats) for m in second] == [(2, 2)]
    assert nothing == []


def test_what_comes_shortly_after_the_end_belongs_to_the_call(leg: Leg) -> None:
    leg.recorder.claim("one@phone", CALL)
    leg.recorder.tap(BYE, TO_PHONE)
    leg.recorder.over("one@phone")
    leg.now += LINGERS / 2
    leg.recorder.tap(OK, PHONE)

    told = leg.wait(LINGERS / 2)
    leg.recorder.tap(OK, PHONE)

    assert [m.sent for m in told] == [True, False]
    assert len(leg.recorder) == 0


def test_a_caller_who_tries_again_with_the_same_name_makes_another_ladder(leg: Leg) -> None:
    leg.recorder.tap(INVITE, PHONE)
    leg.recorder.claim("one@phone", CALL)
    leg.recorder.over("one@phone")
    leg.recorder.tap(sip("INVITE sip:+4421@here SIP/2.0", cseq=2), PHONE)
    leg.recorder.claim("one@phone", "call-4421-def")
    leg.wait(TOLD_EVERY)

    calls = [(e.call, len(e.messages)) for e in leg.events if isinstance(e, Signalled)]
    assert calls == [(CALL, 1), ("call-4421-def", 1)]


def test_messages_that_are_no_calls_are_not_held(leg: Leg) -> None:
    for method in ("OPTIONS", "REGISTER", "BYE", "SUBSCRIBE", "INVITED"):
        leg.recorder.tap(sip(f"{method} sip:here SIP/2.0", f"{method}@x"), STRANGER)
    leg.recorder.tap(b"INVITE sip:here SIP/2.0\r\n\r\n", STRANGER)

    assert len(leg.recorder) == 0


def test_scanners_invites_take_little_room_and_go_away(leg: Leg) -> None:
    """None of them became a call; the call that did is whole."""
    leg.recorder.tap(INVITE, PHONE)
    leg.recorder.claim("one@phone", CALL)
    for index in range(3 * UNCLAIMED):
        invite = sip("INVITE sip:9@here SIP/2.0", f"{index}@scan", body="x" * 9000)
        leg.recorder.tap(invite, STRANGER)
    held = len(leg.recorder)

    told = leg.wait(UNCLAIMED_SECONDS)

    assert held * 9000 <= limits.UNCLAIMED_BYTES + 9000
    assert len(told) == 1
    assert len(leg.recorder) == 1


def test_a_stranger_who_knows_the_name_of_a_call_does_not_fill_its_ladder() -> None:
    ladder = Ladder()
    now = datetime.now(UTC)
    ladder.add(INVITE, PHONE, now)
    for index in range(500):
        ladder.add(sip("OPTIONS sip:here SIP/2.0", cseq=index), STRANGER, now)
    ladder.add(BYE, PHONE, now)

    told = ladder.fresh(over=True)

    assert len(told) == 1 + FOREIGN + 1
    assert told[-1].text.startswith("BYE")
    assert ladder.left_out == 500 - FOREIGN


def test_of_a_long_call_the_beginning_and_the_end_are_kept() -> None:
    ladder = Ladder()
    now = datetime.now(UTC)
    for index in range(1000):
        ladder.add(sip(f"UPDATE sip:{index} SIP/2.0", cseq=index), PHONE, now)

    before, after = ladder.fresh(), ladder.fresh(over=True)

    assert [m.n for m in before] == list(range(1, FIRST + 1))
    assert [m.n for m in after] == list(range(1001 - LAST, 1001))
    assert ladder.left_out == 1000 - FIRST - LAST
    assert ladder.left_out_bytes > 0


def test_large_messages_are_cut_and_bytes_count_as_well() -> None:
    ladder = Ladder()
    now = datetime.now(UTC)
    for index in range(20):
        ladder.add(sip("INFO x SIP/2.0", cseq=index, body="x" * 20_000), PHONE, now)

    told = ladder.fresh(over=True)

    assert all("octets more, not kept)" in m.text for m in told)
    assert sum(len(m.text) for m in told) <= 64 * 1024
    assert len(told) + ladder.left_out == 20
    assert all(len(m.text) < MESSAGE_BYTES + 100 for m in told)


def test_a_repetition_is_counted_wherever_the_message_stands() -> None:
    ladder = Ladder()
    now = datetime.now(UTC)
    for index in range(FIRST + 5):
        ladder.add(sip("UPDATE x SIP/2.0", cseq=index), PHONE, now)
    last = sip("UPDATE x SIP/2.0", cseq=FIRST + 4)
    ladder.add(last, PHONE, now)
    ladder.add(last, TO_PHONE, now)

    told = ladder.fresh(over=True)

    assert [(m.n, m.repeats, m.sent) for m in told[-2:]] == [
        (FIRST + 5, 1, False),
        (FIRST + 6, 0, True),
    ]


def test_an_address_of_ipv6_is_written_in_brackets() -> None:
    assert Hop(True, "TCP", "2001:db8::1", 5060).peer == "[2001:db8::1]:5060"


@pytest.mark.parametrize("name", ["Call-ID:", "call-id :", "i:", "I:", "Call-ID:\r\n "])
def test_a_calls_name_is_found_by_any_spelling(leg: Leg, name: str) -> None:
    leg.recorder.tap(f"INVITE sip:x SIP/2.0\r\n{name} a@b\r\n\r\n".encode(), PHONE)
    leg.recorder.claim("a@b", CALL)

    assert len(leg.wait(TOLD_EVERY)) == 1


async def test_at_the_end_of_the_process_what_is_known_is_told(leg: Leg) -> None:
    leg.recorder.start()
    leg.recorder.tap(INVITE, PHONE)
    leg.recorder.claim("one@phone", CALL)

    await leg.recorder.aclose()

    assert len(leg.events) == 1
