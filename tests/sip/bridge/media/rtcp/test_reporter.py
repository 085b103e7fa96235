"""Two ends that report to each other, on a clock that the test moves."""

from __future__ import annotations

import pytest

from sip.bridge.media.g711 import FRAME
from sip.bridge.media.packet import Packet
from sip.bridge.media.rtcp.packets import build, parse
from sip.bridge.media.rtcp.reporter import Reporter
from sip.bridge.media.stats import Reception

WALL = 1_700_000_000.0


class End:
    """Sends 50 packets a second to another end; `one_way` is how long everything travels."""

    def __init__(self, ssrc: int) -> None:
        self.ssrc = ssrc
        self.reception = Reception()
        self.reporter = Reporter(ssrc, self.reception)
        self.reporter.holes.expect(True, 0.0)
        self.sequence = 65_500
        self.timestamp = 0

    def send(self, to: End, now: float, *, lost: bool = False, late: float = 0.0) -> None:
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp += FRAME
        packet = Packet(0, self.sequence, self.timestamp, self.ssrc, bytes(FRAME))
        self.reporter.sent(FRAME, self.timestamp, now)
        if not lost:
            to.reception.note(packet.sequence, packet.timestamp, now + late)
            to.reporter.received(packet, now + late)

    def report(self, to: End, now: float, one_way: float) -> None:
        made = parse(build(self.reporter.report(now, WALL + now)))
        assert made is not None
        to.reporter.take(made, now + one_way, WALL + now + one_way)


def talk(us: End, phone: End, *, seconds: float, every: int = 0, start: float = 0.0) -> float:
    """Both speak; of the phone's packets one in `every` is lost. When it is over."""
    now = start
    for index in range(round(seconds * 50)):
        now = start + index * 0.02
        us.send(phone, now)
        phone.send(us, now, lost=bool(every) and index % every == every - 2)
    return now


def test_the_round_trip_is_what_both_ways_take() -> None:
    us, phone = End(1), End(2)
    now = talk(us, phone, seconds=5)
    us.report(phone, now, 0.030)
    phone.report(us, now + 2, 0.050)

    found = us.reporter.figures("PCMA", 20, now + 2.1)

    assert found["round_trip_ms"] == pytest.approx(80, abs=1)


def test_a_report_on_a_report_that_we_never_sent_says_nothing_of_the_distance() -> None:
    us, phone, other = End(1), End(2), End(1)
    now = talk(us, phone, seconds=5)
    other.reporter.sent(FRAME, 0, now - 9)
    other.report(phone, now - 7, 0.0)
    phone.report(us, now, 0.0)

    assert "round_trip_ms" not in us.reporter.figures("PCMA", 20, now)


def test_loss_is_told_in_both_directions() -> None:
    """A tenth of the phone's packets is lost, across the border of 16 bits; none of ours."""
    us, phone = End(1), End(2)
    now = talk(us, phone, seconds=10, every=10)
    us.report(phone, now, 0.0)
    phone.report(us, now, 0.0)

    ours = us.reporter.figures("PCMU", 20, now)
    theirs = phone.reporter.figures("PCMU", 20, now)

    assert ours["loss_pct"] == pytest.approx(10, abs=0.1)
    assert ours["loss_sent_pct"] == 0
    assert theirs["loss_sent_pct"] == pytest.approx(10, abs=0.3)
    assert 2.5 < ours["mos"] < 3.5 < 4.2 < ours["mos_sent"]


def test_a_second_report_counts_what_was_lost_since_the_first() -> None:
    us, phone = End(1), End(2)
    now = talk(us, phone, seconds=4, every=4)
    first = us.reporter.report(now, WALL + now)
    now = talk(us, phone, seconds=4, start=now + 0.02)
    second = us.reporter.report(now, WALL + now)

    assert first.blocks[0].fraction == pytest.approx(0.25, abs=0.01)
    assert second.blocks[0].fraction == 0
    assert second.blocks[0].lost == first.blocks[0].lost == 50


def test_who_has_sent_nothing_new_gives_a_receivers_report() -> None:
    us, phone = End(1), End(2)
    now = talk(us, phone, seconds=1)

    assert us.reporter.report(now, WALL).sent is not None
    assert us.reporter.report(now + 5, WALL + 5).sent is None


def test_the_timestamp_of_a_sender_report_is_that_of_its_moment() -> None:
    """§6.4.1: it is not the one of the last packet."""
    us, phone = End(1), End(2)
    now = talk(us, phone, seconds=1)

    sent = us.reporter.report(now + 0.5, WALL).sent

    assert sent is not None
    assert sent.timestamp == us.timestamp + 4000
    assert (sent.packets, sent.octets) == (50, 50 * FRAME)


def test_what_nobody_measured_is_not_in_the_record() -> None:
    assert End(1).reporter.figures("PCMA", 0, 0.5) == {"longest_hole_ms": 0}


def test_a_codec_without_figures_gets_no_score() -> None:
    us, phone = End(1), End(2)
    now = talk(us, phone, seconds=1)

    found = us.reporter.figures("opus", 0, now)

    assert "loss_pct" in found
    assert "mos" not in found


def test_a_hole_is_as_long_as_no_sound_came() -> None:
    us, phone = End(1), End(2)
    now = talk(us, phone, seconds=1)
    for index in range(10):
        phone.send(us, now + 0.02 * (index + 1), lost=index < 9)

    assert us.reporter.holes.longest_ms(now + 0.2) == pytest.approx(180, abs=1)


def test_a_pause_that_the_phone_makes_itself_is_no_hole() -> None:
    """Silence that is not sent: the numbers go on, the timestamps jump."""
    us, phone = End(1), End(2)
    now = talk(us, phone, seconds=1)
    phone.timestamp += 5 * 8000

    phone.send(us, now + 5.02)

    assert us.reporter.holes.longest_ms(now + 9) < 1


def test_on_hold_nothing_is_missing() -> None:
    us, phone = End(1), End(2)
    now = talk(us, phone, seconds=1)
    us.reporter.holes.expect(False, now + 0.1)
    us.reporter.holes.expect(True, now + 60)
    phone.timestamp = 0

    phone.send(us, now + 60.3)

    assert us.reporter.holes.longest_ms(now + 60.4) < 1


def test_a_phone_that_is_never_heard_is_one_long_hole() -> None:
    us = End(1)

    assert us.reporter.holes.longest_ms(0.9) == 0
    assert us.reporter.holes.longest_ms(12.0) == 12_000


def test_a_phone_that_falls_silent_for_good_leaves_a_hole() -> None:
    us, phone = End(1), End(2)
    now = talk(us, phone, seconds=1)

    assert us.reporter.holes.longest_ms(now + 0.5) < 1
    assert us.reporter.holes.longest_ms(now + 7) == pytest.approx(7000)
