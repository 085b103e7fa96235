"""Keys that packets name (MKI), and reports on encrypted sound, beside libsrtp on its own."""

from __future__ import annotations

import struct
from itertools import islice

import pytest
from pylibsrtp import Error, Policy, Session

from sip.bridge.media.packet import Sender
from sip.bridge.media.srtp.session import REPORTS_AHEAD, Srtp
from sip.bridge.media.srtp.suites import SUITES, Keys, Suite

ALL = pytest.mark.parametrize("suite", SUITES.values(), ids=list(SUITES))
REPORT = struct.pack("!BBHI", 0x80, 201, 1, 7) + b""
LENGTHS = (1, 2, 4, 128)


def rtp(sequence: int, ssrc: int = 7) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, sequence % 65536, 160, ssrc) + bytes(range(160))


def libsrtp(suite: Suite, key: bytes, ssrcs: int = Policy.SSRC_ANY_INBOUND) -> Session:
    return Session(Policy(key=key, ssrc_type=ssrcs, srtp_profile=suite.profile))


def tag(suite: Suite, *, rtcp: bool) -> int:
    """As RFC 4568 §6.2 and RFC 7714 §13 have them."""
    if suite.name.startswith("AEAD"):
        return 0
    return 4 if suite.name.endswith("_32") and not rtcp else 10


def named(packet: bytes, mki: bytes, after: int) -> bytes:
    """By hand, as RFC 3711 draws it: before the tag."""
    end = len(packet) - after
    return packet[:end] + mki + packet[end:]


def reports(srtp: Srtp, many: int) -> list[bytes]:
    return [srtp.protect_rtcp(REPORT) for _ in range(many)]


def index(report: bytes, suite: Suite, mki: bytes = b"") -> int:
    """That stands in every report in the clear, behind the bit that says that it is encrypted."""
    end = len(report) - tag(suite, rtcp=True) - len(mki)
    return int.from_bytes(report[end - 4 : end]) & 0x7FFFFFFF


@ALL
@pytest.mark.parametrize("length", LENGTHS)
def test_what_we_send_names_our_key_before_the_tag(suite: Suite, length: int) -> None:
    ours, mki = suite.new_key(), (1).to_bytes(length)
    leg = Srtp(Keys(suite, ours, suite.new_key(), mki))
    sound, report = leg.protect(rtp(5)), leg.protect_rtcp(REPORT)
    phone, end = libsrtp(suite, ours), len(sound) - tag(suite, rtcp=False)
    end_of_report = len(report) - tag(suite, rtcp=True)

    assert sound[end - length : end] == mki
    assert phone.unprotect(sound[: end - length] + sound[end:]) == rtp(5)
    assert report[end_of_report - length : end_of_report] == mki
    assert phone.unprotect_rtcp(report[: end_of_report - length] + report[end_of_report:]) == REPORT


@ALL
@pytest.mark.parametrize("length", LENGTHS)
def test_each_packet_is_opened_with_the_key_that_it_names(suite: Suite, length: int) -> None:
    """A phone with three keys may change from one to the other at any packet; how often its
    numbers have rolled over goes on."""
    known = [((n + 1).to_bytes(length), suite.new_key()) for n in range(3)]
    leg = Srtp(Keys(suite, suite.new_key(), known[0][1], by_mki=tuple(known)), heard={7: 65530})
    makers = [libsrtp(suite, key, Policy.SSRC_ANY_OUTBOUND) for _, key in known]
    for maker in makers:
        for sequence in (0, 16384, 32768, 49152, 65530):
            maker.protect(rtp(sequence))
    told = []
    for number in range(65531, 65551):
        which = number % 3
        made = makers[which].protect(rtp(number))
        told.append(leg.unprotect(named(made, known[which][0], tag(suite, rtcp=False))))
        report = makers[which].protect_rtcp(REPORT)
        told.append(leg.unprotect_rtcp(named(report, known[which][0], tag(suite, rtcp=True))))

    assert told[0::2] == [rtp(number) for number in range(65531, 65551)]
    assert told[1::2] == [REPORT] * 20
    assert leg.heard == {7: 65550}
    assert leg.failed == 0


@ALL
def test_a_name_that_was_not_agreed_on_opens_nothing(suite: Suite) -> None:
    """Nor does the right name on a packet that was made with another key; who names none has the
    first."""
    known = ((b"\0\x01", suite.new_key()), (b"\0\x02", suite.new_key()))
    leg = Srtp(Keys(suite, suite.new_key(), known[0][1], by_mki=known))
    maker = libsrtp(suite, known[0][1], Policy.SSRC_ANY_OUTBOUND)
    made = [maker.protect(rtp(number)) for number in range(3)]
    after = tag(suite, rtcp=False)

    assert leg.unprotect(named(made[0], b"\0\x09", after)) is None
    assert leg.unprotect(named(made[1], known[1][0], after)) is None
    assert leg.failed == 2
    assert leg.unprotect(made[2]) == rtp(2)


@ALL
def test_packets_of_a_phone_that_was_not_heard_to_name_keys_stay_whole(suite: Suite) -> None:
    key = suite.new_key()
    leg = Srtp(Keys(suite, suite.new_key(), key))
    made = libsrtp(suite, key, Policy.SSRC_ANY_OUTBOUND).protect(rtp(1))

    assert leg.unprotect(named(made, b"\0\0\0\x01", tag(suite, rtcp=False))) is None


@ALL
@pytest.mark.parametrize("sent", [0, 1, 100, 5000])
def test_no_report_of_a_call_has_the_number_of_another(suite: Suite, sent: int) -> None:
    """A worker has died, and the next one knows how many there were a second ago: the number is
    what RTCP is encrypted with (RFC 3711 §9.1)."""
    keys = Keys(suite, suite.new_key(), suite.new_key(), b"\x01")
    first = Srtp(keys, Sender(7, 1, 0))
    before = reports(first, sent)
    since = reports(first, 3)  # that nobody was told of
    second = Srtp(keys, Sender(7, 1, 0), reports=sent + REPORTS_AHEAD)
    after = reports(second, 3)
    numbers = [index(report, suite, b"\x01") for report in (*before, *since, *after)]
    phone = libsrtp(suite, keys.ours)
    plain = [bytes(r[: (e := len(r) - tag(suite, rtcp=True)) - 1]) + r[e:] for r in after]

    assert len(set(numbers)) == len(numbers)
    assert [phone.unprotect_rtcp(report) for report in plain] == [REPORT] * 3
    assert second.reports == sent + REPORTS_AHEAD + 3


@ALL
def test_a_report_that_is_not_encrypted_is_not_taken(suite: Suite) -> None:
    """Plain, changed in one bit, or said to be in the clear: nobody has agreed on that."""
    key = suite.new_key()
    leg = Srtp(Keys(suite, suite.new_key(), key))
    made = libsrtp(suite, key, Policy.SSRC_ANY_OUTBOUND).protect_rtcp(REPORT)
    bit = len(made) - tag(suite, rtcp=True) - 4
    clear = made[:bit] + bytes([made[bit] & 0x7F]) + made[bit + 1 :]
    changed = made[:-1] + bytes([made[-1] ^ 1])

    assert [leg.unprotect_rtcp(one) for one in (REPORT, clear, changed, b"", b"\x80\xc9")] == [
        None
    ] * 5
    assert leg.unprotect_rtcp(made) == REPORT
    assert leg.unprotect_rtcp(made) is None
    assert leg.replayed == 1


def test_a_report_never_leaves_in_the_clear() -> None:
    suite = next(islice(SUITES.values(), 1))
    keys = Keys(suite, suite.new_key(), suite.new_key())
    long = REPORT + bytes(40)
    made = Srtp(keys).protect_rtcp(long)

    assert long[8:] not in made
    with pytest.raises(Error):
        libsrtp(suite, suite.new_key()).unprotect_rtcp(made)
