"""Who the phone is among those who send to a call's port."""

from __future__ import annotations

import random

from sip.bridge.media.source import FAR_SILENCE, NEAR_PACKETS, RELATCH_SECONDS, Told
from tests.sip.bridge.media.port_of_a_call import (
    DIRECT,
    ELSEWHERE,
    NATTED,
    OTHER_PORT,
    PHONE,
    SIGNALLING,
    STRANGER,
    VICTIM,
    Line,
    Sender,
)


def test_the_address_of_the_sdp_is_the_phone_from_its_first_packet() -> None:
    line = Line.answered(DIRECT)

    assert line.hear(Sender(PHONE), seconds=0.02) == [1]
    assert line.source.target == PHONE


def test_who_sends_first_gets_nothing_and_shuts_nobody_out() -> None:
    """Sprayed while it rings, and on; the phone speaks from the address of its SDP."""
    line = Line()
    line.tell(DIRECT, answered=False)
    stranger, phone = Sender(STRANGER, ssrc=9), Sender(PHONE)
    ringing = line.hear(stranger, seconds=5)
    line.source.answer(line.now)

    both = line.hear(stranger, phone, seconds=5)

    assert ringing == [0]
    assert both == [0, 250]
    assert line.source.target == PHONE
    assert (line.source.strangers.packets, line.source.strangers.host) == (500, STRANGER[0])


def test_a_perfect_stream_of_another_host_never_becomes_a_phone_that_signals_itself() -> None:
    """The phone may be silent for as long as it likes: its host is where its SIP comes from."""
    line = Line.answered(DIRECT)

    assert line.hear(Sender(STRANGER), seconds=60) == [0]
    assert line.source.target == PHONE


def test_a_phone_once_heard_is_not_replaced_by_another_host() -> None:
    """Its media server is not where its SIP comes from, and it is silent now: muted, say."""
    line = Line.answered(ELSEWHERE)
    line.hear(Sender(VICTIM), seconds=0.1)

    assert line.hear(Sender(STRANGER, ssrc=9), seconds=60) == [0]
    assert line.source.target == VICTIM


def test_a_phone_behind_a_nat_is_found_at_the_host_of_its_signalling() -> None:
    """Its SDP names a private address: five packets in a row are enough, and no wait."""
    line = Line.answered(NATTED)
    before = line.source.target

    taken = line.hear(Sender(OTHER_PORT), seconds=0.2)

    assert before is None
    assert taken == [10 - NEAR_PACKETS + 1]
    assert line.source.target == OTHER_PORT
    assert line.source.strangers.packets == 0


def test_a_nat_that_moved_the_port_is_found_once_the_named_port_has_been_silent() -> None:
    line = Line.answered(DIRECT)
    phone = Sender(OTHER_PORT)

    early, later = line.hear(phone, seconds=0.4), line.hear(phone, seconds=0.4)

    assert early == [0]
    assert later[0] > 10
    assert line.source.target == OTHER_PORT


def test_the_named_address_wins_at_once_whatever_was_learnt() -> None:
    line = Line.answered(DIRECT)
    line.hear(Sender(OTHER_PORT), seconds=1)

    back = line.hear(Sender(PHONE, ssrc=2), seconds=0.02)

    assert back == [1]
    assert line.source.target == PHONE
    assert line.hear(Sender(OTHER_PORT), seconds=1) == [0]


def test_another_host_is_learnt_last_and_gives_way_to_the_host_of_the_signalling() -> None:
    """A proxy carries the SIP of a phone behind a NAT, so its sound comes from anywhere. It takes
    longer and more packets; whoever comes from nearer is believed at once."""
    line = Line.answered(NATTED)
    far, near = Sender(STRANGER, ssrc=9), Sender(OTHER_PORT)

    early = line.hear(far, seconds=FAR_SILENCE - 0.1)
    later = line.hear(far, seconds=1)
    learnt = line.source.target
    both = line.hear(far, near, seconds=1)

    assert early == [0]
    assert later[0] > 40
    assert learnt == STRANGER
    assert both[1] == 50 - NEAR_PACKETS + 1
    assert both[0] <= NEAR_PACKETS
    assert line.source.target == OTHER_PORT


def test_two_strangers_of_other_hosts_do_not_take_turns() -> None:
    """Learnt once: the second one waits in vain, even while the first is silent."""
    line = Line.answered(NATTED)
    line.hear(Sender(STRANGER), seconds=4)

    assert line.hear(Sender(("203.0.113.67", 7777), ssrc=9), seconds=20) == [0]


def _random_sequence(sender: Sender) -> None:
    sender.sequence = random.Random(sender.timestamp).getrandbits(16)


def _new_ssrc(sender: Sender) -> None:
    sender.ssrc += 1


def _wild_timestamp(sender: Sender) -> None:
    sender.timestamp += 100_000


def _every_second_lost(sender: Sender) -> None:
    sender.sequence += 1


def _not_agreed(sender: Sender) -> None:
    sender.payload_type = 18


def _one_packet_repeated(sender: Sender) -> None:
    sender.sequence, sender.timestamp = 1, 1


def test_packets_that_do_not_fit_together_are_nobodys() -> None:
    for odd in (
        _random_sequence,
        _new_ssrc,
        _wild_timestamp,
        _every_second_lost,
        _not_agreed,
        _one_packet_repeated,
    ):
        line = Line.answered(NATTED)

        assert line.hear(Sender(OTHER_PORT, odd=odd), seconds=10) == [0], odd.__name__


def test_one_packet_a_second_is_no_stream() -> None:
    line = Line.answered(NATTED)
    sender = Sender(OTHER_PORT)
    for _ in range(100):
        line.wait(1)
        line.hear(sender, seconds=0.02)

    assert line.source.target is None


def test_strangers_from_a_thousand_addresses_do_not_push_the_phone_out_of_sight() -> None:
    line = Line.answered(NATTED)
    phone = Sender(OTHER_PORT)
    for index in range(20):
        crowd = [Sender((f"203.0.113.{n}", 1024 + index), ssrc=n) for n in range(1, 51)]
        line.hear(phone, *crowd, seconds=0.02)

    assert line.source.target == OTHER_PORT


def test_a_new_binding_of_the_same_host_is_followed_after_a_silence() -> None:
    """The NAT forgot the phone in mid-call: same host, new port, the old one silent."""
    line = Line.answered(NATTED)
    line.hear(Sender(OTHER_PORT), seconds=1)
    moved = Sender(("198.51.100.7", 61000))

    early = line.hear(moved, seconds=RELATCH_SECONDS - 0.1)
    later = line.hear(moved, seconds=1)

    assert early == [0]
    assert later[0] > 40
    assert line.source.target == moved.address


def test_the_phone_that_was_there_first_wins_its_place_back() -> None:
    """Somebody of its own host spoke up while it was silent."""
    line = Line.answered(NATTED)
    phone, other = Sender(OTHER_PORT), Sender(("198.51.100.7", 61000), ssrc=9)
    line.hear(phone, seconds=1)
    line.hear(other, seconds=4)

    both = line.hear(other, phone, seconds=2)

    assert both[1] == 100
    assert both[0] <= 1
    assert line.source.target == OTHER_PORT


def test_a_new_source_of_the_same_phone_stays_fine() -> None:
    """Transfers and hold music change the SSRC."""
    line = Line.answered(DIRECT)
    line.hear(Sender(PHONE, ssrc=1), seconds=1)

    assert line.hear(Sender(PHONE, ssrc=2, sequence=9), seconds=1) == [50]


def test_a_description_with_another_address_begins_anew() -> None:
    """What comes from the place it has left is not its own any more, and no stranger's either."""
    line = Line.answered(DIRECT)
    old = Sender(PHONE)
    line.hear(old, seconds=1)
    line.tell(ELSEWHERE)

    left = line.hear(old, seconds=0.4)
    there = line.hear(Sender(VICTIM), seconds=0.1)

    assert left == [0]
    assert there == [5]
    assert line.source.strangers.packets == 0


def test_hold_and_the_same_address_again_forget_nothing() -> None:
    line = Line.answered(NATTED)
    phone = Sender(OTHER_PORT)
    line.hear(phone, seconds=1)
    line.tell(Told(None, SIGNALLING))
    line.wait(30)
    line.tell(NATTED)

    assert line.source.target == OTHER_PORT
    assert line.hear(phone, seconds=0.02) == [1]
