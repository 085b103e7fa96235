"""Encrypted sound: what the standards' examples come to, and what a wrong packet does."""

from __future__ import annotations

import random
import struct

import pytest

from sip.bridge.media.srtp.session import Srtp
from sip.bridge.media.srtp.suites import SUITES, Keys, Suite

CM_80, CM_32 = SUITES["AES_CM_128_HMAC_SHA1_80"], SUITES["AES_CM_128_HMAC_SHA1_32"]
GCM = SUITES["AEAD_AES_128_GCM"]
SSRC = 0xCAFEBABE
ALL = pytest.mark.parametrize("suite", SUITES.values(), ids=list(SUITES))


def rtp(sequence: int, payload: bytes = b"x" * 160, ssrc: int = SSRC) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, sequence % 65536, sequence * 160, ssrc) + payload


def pair(suite: Suite) -> tuple[Srtp, Srtp]:
    one, other = suite.new_key(), suite.new_key()
    return Srtp(Keys(suite, one, other)), Srtp(Keys(suite, other, one))


def test_the_key_stream_is_that_of_the_standard() -> None:
    """RFC 3711 §B.3 derives this session key and salt from this master key; §B.2's counter mode
    with them is checked here by an independent AES."""
    from cryptography.hazmat.primitives import hashes, hmac
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    master = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139")
    salt = bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6")
    session_key = bytes.fromhex("C61E7A93744F39EE10734AFE3FF7A087")
    session_salt = bytes.fromhex("30CBBC08863D8C85D49DB34A9AE1")
    auth_key = bytes.fromhex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")
    leg = Srtp(Keys(CM_80, master + salt, CM_80.new_key()))
    sealed = leg.protect(rtp(0x1234))
    counter = int.from_bytes(session_salt, "big") ^ (SSRC << 48) ^ 0x1234
    aes = Cipher(algorithms.AES(session_key), modes.CTR((counter << 16).to_bytes(16, "big")))
    tag = hmac.HMAC(auth_key, hashes.SHA1())
    tag.update(sealed[:-10] + bytes(4))

    assert aes.encryptor().update(b"x" * 160) == sealed[12:-10]
    assert tag.finalize()[:10] == sealed[-10:]


def test_a_packet_of_the_standards_example_is_opened() -> None:
    """RFC 7714 §16.1 is for keys without derivation; libsrtp's own example has it, with master key
    and salt in a row and one sealed packet."""
    key = bytes(range(0x10)) + bytes(range(0xA0, 0xAC))
    plain = bytes.fromhex("800f1234decafbadcafebabe") + b"\xab" * 16
    sealed = bytes.fromhex(
        "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392"
    )
    leg = Srtp(Keys(GCM, GCM.new_key(), key))

    assert leg.unprotect(sealed) == plain


@ALL
def test_what_one_side_seals_the_other_opens(suite: Suite) -> None:
    """In order, out of order, with holes, and across a roll-over of the sequence number."""
    one, other = pair(suite)
    numbers = [65000, 65002, 65001, 65030, *range(65500, 66100, 3), 140000 - 65536]
    opened = [other.unprotect(one.protect(rtp(number))) for number in numbers]

    assert opened == [rtp(number) for number in numbers]
    assert (other.failed, other.replayed) == (0, 0)


@ALL
def test_a_packet_that_comes_again_is_dropped_and_counted(suite: Suite) -> None:
    one, other = pair(suite)
    sealed = [one.protect(rtp(number)) for number in range(100, 120)]
    first = [other.unprotect(packet) for packet in sealed]
    again = [other.unprotect(packet) for packet in sealed]

    assert None not in first
    assert again == [None] * 20
    assert (other.failed, other.replayed) == (0, 20)


@ALL
def test_a_packet_of_somebody_else_is_dropped_and_counted(suite: Suite) -> None:
    """Another key, no key at all, a changed byte anywhere, too short, too long."""
    one, other = pair(suite)
    stranger, _ = pair(suite)
    sealed = one.protect(rtp(7))
    bad = [stranger.protect(rtp(5)), rtp(6), b"", b"\x80", sealed[:20], sealed + b"x" * 2000]
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 0x10
        bad.append(bytes(changed))
    found = [other.unprotect(packet) for packet in bad]

    assert found == [None] * len(bad)
    assert other.failed == len(bad)
    assert other.unprotect(sealed) == rtp(7)


def test_mutated_packets_never_raise_and_never_open() -> None:
    chance = random.Random(3711)
    one, other = pair(CM_80)
    sealed = one.protect(rtp(7))
    for _ in range(2000):
        packet = bytearray(sealed)
        for _ in range(chance.randrange(1, 5)):
            packet[chance.randrange(len(packet))] ^= 1 << chance.randrange(8)
        cut = bytes(packet[: chance.randrange(len(packet) + 1)])
        if cut != sealed:
            assert other.unprotect(cut) is None
            assert other.unprotect_rtcp(cut) is None


@ALL
def test_several_sources_under_one_key_are_kept_apart(suite: Suite) -> None:
    """A phone that has a new SSRC after a hold."""
    one, other = pair(suite)
    packets = [rtp(5, ssrc=1), rtp(60000, ssrc=2), rtp(6, ssrc=1), rtp(60001, ssrc=2)]

    assert [other.unprotect(one.protect(packet)) for packet in packets] == packets


@ALL
def test_reports_are_sealed_too(suite: Suite) -> None:
    one, other = pair(suite)
    report = struct.pack("!BBHI", 0x80, 201, 1, SSRC)
    sealed = one.protect_rtcp(report)

    assert sealed[8:] != b""
    assert other.unprotect_rtcp(sealed) == report
    assert other.unprotect_rtcp(report) is None


def rolled(one: Srtp, other: Srtp, packets: int) -> int:
    """Let the sequence number of one side go round; the next number."""
    for number in range(0, packets, 1000):
        assert other.unprotect(one.protect(rtp(number))) is not None
    return packets


@pytest.mark.parametrize("goes_on", [True, False], ids=["counts on", "counts anew"])
@ALL
def test_a_new_key_after_an_hour_is_followed(suite: Suite, goes_on: bool) -> None:
    """RFC 3711 §3.3.1: the count of roll-overs is kept. Some telephones begin it anew."""
    one, other = pair(suite)
    number = rolled(one, other, 200_000)
    fresh = suite.new_key()
    late = one.protect(rtp(number))
    sender = Srtp(Keys(suite, fresh, one.keys.theirs))
    if goes_on:
        for at in range(0, number, 10_000):  # whoever counts on has heard, or sent, all of it
            sender.protect(rtp(at))
    other.change(Keys(suite, other.keys.ours, fresh))

    assert other.unprotect(late) == rtp(number)
    for following in range(number + 1, number + 400):
        assert other.unprotect(sender.protect(rtp(following))) == rtp(following)
    assert other.unprotect(one.protect(rtp(number + 500))) is None
    assert (other.failed, other.replayed) == (1, 0)


def test_the_same_keys_again_change_nothing() -> None:
    """A refresh: a packet that came before it is still one that came."""
    one, other = pair(CM_80)
    sealed = one.protect(rtp(9))
    other.unprotect(sealed)
    other.change(Keys(CM_80, other.keys.ours, other.keys.theirs))

    assert other.unprotect(sealed) is None
    assert other.replayed == 1


def test_another_suite_is_followed() -> None:
    one, other = pair(CM_80)
    other.unprotect(one.protect(rtp(1)))
    ours, theirs = GCM.new_key(), GCM.new_key()
    one.change(Keys(GCM, ours, theirs))
    other.change(Keys(GCM, theirs, ours))

    assert other.unprotect(one.protect(rtp(2))) == rtp(2)
    assert one.unprotect(other.protect(rtp(3, ssrc=5))) == rtp(3, ssrc=5)


def test_a_key_of_another_length_and_a_packet_too_long_are_errors() -> None:
    one, _ = pair(CM_80)
    with pytest.raises(ValueError):
        Srtp(Keys(GCM, CM_80.new_key(), GCM.new_key()))
    with pytest.raises(ValueError):
        one.protect(rtp(1, b"x" * 1400))


def test_keys_are_not_shown() -> None:
    keys = Keys(CM_80, b"secret of ours, thirty bytes..", b"theirs, not to be seen either.")

    assert "secret" not in repr(keys)
    assert "theirs" not in repr(keys).replace("theirs=", "")
