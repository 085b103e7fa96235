"""How much may be sent to where a call's sound is wanted."""

from __future__ import annotations

from sip.bridge.media.source import DOUBT_SECONDS, UNHEARD_PACKETS, Told
from tests.sip.bridge.media.port_of_a_call import (
    DIRECT,
    ELSEWHERE,
    NATTED,
    PHONE,
    SIGNALLING,
    VICTIM,
    Line,
    Sender,
)


def test_nothing_goes_out_before_the_ack() -> None:
    """Not even to a phone that is heard, for 32 s."""
    line = Line()
    line.tell(DIRECT, answered=False)
    line.hear(Sender(PHONE), seconds=1)

    assert line.send(32) == 0

    line.source.answer(line.now)

    assert line.send(1) == 50


def test_a_silent_phone_whose_signalling_comes_from_the_same_host_is_always_sent_to() -> None:
    """Muted, or one that only listens: its ACK has come from there."""
    line = Line.answered(DIRECT)

    assert line.send(60) == 3000


def test_a_third_party_is_sent_three_seconds_at_most() -> None:
    """Nothing was ever heard from there, and the signalling comes from elsewhere."""
    line = Line.answered(ELSEWHERE)

    first = line.send(5)

    assert first == UNHEARD_PACKETS
    assert line.send(60) == 0


def test_sound_goes_on_as_soon_as_the_silent_one_is_heard() -> None:
    line = Line.answered(ELSEWHERE)
    line.send(20)
    line.hear(Sender(VICTIM), seconds=0.02)

    assert line.send(60) == 3000


def test_a_media_server_that_speaks_at_once_is_answered_at_once() -> None:
    """Otherwise there is doubt for a moment: the phone may come from behind a NAT instead."""
    doubtful, heard = Line.answered(ELSEWHERE), Line.answered(ELSEWHERE)
    heard.hear(Sender(VICTIM), seconds=0.02)

    assert doubtful.send(DOUBT_SECONDS) == 0
    assert heard.send(DOUBT_SECONDS) == DOUBT_SECONDS * 50


def test_moving_the_sound_on_and_on_sends_nobody_more_than_came() -> None:
    """Re-INVITEs from one victim to the next: together they get three seconds, not each."""
    line = Line.answered(ELSEWHERE)
    sent = line.send(10)
    for index in range(1, 20):
        line.tell(Told(("203.0.113.9", 40000 + 2 * index), SIGNALLING))
        sent += line.send(10)

    assert sent == UNHEARD_PACKETS


def test_what_the_phone_has_sent_may_be_sent_after_a_transfer() -> None:
    """A real call that is moved to another media server again and again loses no sound."""
    line = Line.answered(DIRECT)
    for index in range(20):
        server = (f"203.0.113.{index + 10}", 40000)
        line.tell(Told(server, SIGNALLING))
        assert line.send(3) > 100
        line.hear(Sender(server), seconds=5)


def test_nothing_is_sent_to_a_private_address_before_the_phone_is_heard() -> None:
    line = Line.answered(NATTED)

    assert line.send(60) == 0
