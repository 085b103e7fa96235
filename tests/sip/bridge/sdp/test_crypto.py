"""Lines of a=crypto: which are taken, which are left, and that no key is ever told."""

from __future__ import annotations

import base64
import random

import pytest

from sip.bridge.media.srtp.suites import SUITES
from sip.bridge.sdp.crypto import Crypto, CryptoError, accepted, choose, read

CM_80, CM_32, GCM = "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AEAD_AES_128_GCM"
KEY = bytes(range(30))
GCM_KEY = bytes(range(28))
INLINE = "inline:" + base64.b64encode(KEY).decode()
GCM_INLINE = "inline:" + base64.b64encode(GCM_KEY).decode()


@pytest.mark.parametrize(
    ("value", "suite", "key"),
    [
        (f"1 {CM_80} {INLINE}", CM_80, KEY),
        (f"1 {CM_32} {INLINE}", CM_32, KEY),
        (f"7 {GCM} {GCM_INLINE}", GCM, GCM_KEY),
        (f"7 {GCM} {GCM_INLINE.rstrip('=')}", GCM, GCM_KEY),
        (f"1 {CM_80} {INLINE}|2^20", CM_80, KEY),
        (f"1 {CM_80} {INLINE}|2^48", CM_80, KEY),
        (f"1 {CM_80} {INLINE}|1048576", CM_80, KEY),
        (f"1 {CM_80} {INLINE} WSH=64", CM_80, KEY),
        (f"1 {CM_80} {INLINE} KDR=0 FEC_ORDER=SRTP_FEC wsh=1024", CM_80, KEY),
        (f"1 {CM_80} {INLINE}|1:4", CM_80, KEY),
        (f"1 {CM_80} {INLINE}|2^31|66051:4", CM_80, KEY),
        (f"7 {GCM} {GCM_INLINE}|1:128", GCM, GCM_KEY),
        (f"1 {CM_80} {INLINE}|2^31 wsh=128 -NEW=1 -OTHER", CM_80, KEY),
        (f"1 {CM_80.lower()} {INLINE}", CM_80, KEY),
        (f"001   {CM_80}\t{INLINE.replace('inline', 'INLINE')}  ", CM_80, KEY),
        (f"999999999 {CM_80} {INLINE}", CM_80, KEY),
    ],
)
def test_a_line_is_read_however_it_is_written(value: str, suite: str, key: bytes) -> None:
    found = read(value)

    assert (found.suite.name, found.key) == (suite, key)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (f"1 {CM_80} {INLINE}|1:0", "identifier that cannot be read"),
        (f"1 {CM_80} {INLINE}|2^20|1:129", "identifier that cannot be read"),
        (f"1 {CM_80} {INLINE}|2^20|one:4", "identifier that cannot be read"),
        (f"1 {CM_80} {INLINE}|256:1", "longer than it says"),
        (f"1 {CM_80} {INLINE}|1:4|2^20", "cannot be read"),
        (f"1 {CM_80} {INLINE}|2^20;{INLINE}|2^20", "told apart"),
        (f"1 {CM_80} {INLINE}|1:4;{INLINE}|1:4", "told apart"),
        (f"1 {CM_80} {INLINE}|1:4;{INLINE}|2:2", "told apart"),
        (f"1 {CM_80} {INLINE}|1:4;{INLINE}", "told apart"),
        (f"1 {CM_80} {';'.join(f'{INLINE}|{n}:1' for n in range(1, 18))}", "too many keys"),
        (f"1 AES_256_CM_HMAC_SHA1_80 {INLINE}", "AES_256_CM_HMAC_SHA1_80 is not spoken"),
        (f"1 F8_128_HMAC_SHA1_80 {INLINE}", "F8_128_HMAC_SHA1_80 is not spoken"),
        (f"1 {CM_80} {INLINE} UNENCRYPTED_SRTP", "UNENCRYPTED_SRTP is not done"),
        (f"1 {CM_80} {INLINE} UNENCRYPTED_SRTCP", "UNENCRYPTED_SRTCP is not done"),
        (f"1 {CM_80} {INLINE} UNAUTHENTICATED_SRTP", "UNAUTHENTICATED_SRTP is not done"),
        (f"1 {CM_80} {INLINE} KDR=3", "KDR is not done"),
        (f"1 {CM_80} {INLINE} FEC_ORDER=OTHER", "FEC_ORDER is not done"),
        (f"1 {CM_80} {INLINE} FEC_KEY={INLINE}", "FEC_KEY is not done"),
        (f"1 {CM_80} {INLINE} SOMETHING=NEW", "SOMETHING is not done"),
        (f"1 {CM_80} {GCM_INLINE}", "28 bytes, where AES_CM_128_HMAC_SHA1_80 has 30"),
        (f"1 {GCM} {INLINE}", "30 bytes, where AEAD_AES_128_GCM has 28"),
        (f"1 {CM_80} inline:", "0 bytes"),
        (f"1 {CM_80} inline:&&&&", "not base64"),
        (f"1 {CM_80} {INLINE[:-1]}é", "not base64"),
        (f"1 {CM_80} {INLINE}|2^49", "cannot be read"),
        (f"1 {CM_80} {INLINE}|0", "cannot be read"),
        (f"1 {CM_80} {INLINE}|", "cannot be read"),
        (f"1 {CM_80} {INLINE}|2^20|2^20", "cannot be read"),
        (f"1 {CM_80} uri:https://x/key", "not inline"),
        (f"0123456789 {CM_80} {INLINE}", "cannot be read"),
        (f"one {CM_80} {INLINE}", "cannot be read"),
        (f"{CM_80} {INLINE}", "cannot be read"),
        (f"1 {CM_80}", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_line_that_asks_for_more_than_is_done_is_left(value: str, why: str) -> None:
    """With the reason, for the answer and the record."""
    with pytest.raises(CryptoError, match=why):
        read(value)


def test_the_first_line_that_can_be_used_is_taken() -> None:
    """In their order, whatever stands before it."""
    lines = [
        f"1 AES_256_CM_HMAC_SHA1_80 {INLINE}",
        f"2 {CM_80} {INLINE}|2^20 KDR=4",
        f"3 {CM_32} {INLINE}",
        f"4 {CM_80} {INLINE}",
    ]

    assert choose(lines).tag == "3"
    assert choose(reversed(lines)).tag == "4"
    with pytest.raises(CryptoError, match="AES_256"):
        choose(lines[:2])
    with pytest.raises(CryptoError, match="no a=crypto"):
        choose([])


OURS = tuple(
    Crypto(str(tag), SUITES[name], SUITES[name].new_key())
    for tag, name in enumerate((CM_80, GCM, CM_32), start=1)
)


def test_an_answer_says_which_of_our_lines_it_took() -> None:
    keys = accepted(OURS, choose([f"2 {GCM} {GCM_INLINE}"]))

    assert keys.suite.name == GCM
    assert (keys.ours, keys.theirs) == (OURS[1].key, GCM_KEY)


@pytest.mark.parametrize(
    "answer",
    [
        [f"2 {CM_80} {INLINE}"],
        [f"4 {CM_80} {INLINE}"],
        [f"1 {CM_80} {INLINE} UNENCRYPTED_SRTCP"],
        [f"1 AES_192_CM_HMAC_SHA1_80 {INLINE}"],
        [],
    ],
    ids=[
        "another suite",
        "no tag of ours",
        "with what was not offered",
        "an unknown suite",
        "none",
    ],
)
def test_an_answer_that_took_none_of_them_is_no_answer(answer: list[str]) -> None:
    with pytest.raises(CryptoError):
        accepted(OURS, choose(answer))


def test_a_line_that_was_written_is_read_as_it_was_meant() -> None:
    """Ours in an answer has the tag of theirs, and a key of its own."""
    for suite in SUITES.values():
        theirs = Crypto("17", suite, suite.new_key())
        ours = theirs.answered_with(suite.new_key())

        assert read(ours.line.removeprefix("a=crypto:")) == ours
        assert (ours.tag, ours.suite) == (theirs.tag, theirs.suite)
        assert ours.key != theirs.key


def test_packets_name_their_keys_in_the_bytes_of_the_line() -> None:
    """And who is answered has our key named as long as theirs are."""
    other = "inline:" + base64.b64encode(KEY[::-1]).decode()
    found = read(f"1 {CM_80} {INLINE}|2^31|66051:4;{other}|2^20|2:4")
    ours = found.answered_with(SUITES[CM_80].new_key())

    assert found.by_mki == ((b"\0\x01\x02\x03", KEY), (b"\0\0\0\x02", KEY[::-1]))
    assert ours.line.endswith("|1:4")
    assert read(ours.line.removeprefix("a=crypto:")) == ours
    assert (found.heard_by(ours).mki, found.heard_by(ours).theirs) == (b"\0\0\0\x01", KEY)


def test_an_answer_may_name_its_keys_although_we_name_none() -> None:
    keys = accepted(OURS, choose([f"1 {CM_80} {INLINE}|7:2"]))

    assert (keys.mki, keys.by_mki) == (b"", ((b"\0\x07", KEY),))


def test_a_thousand_broken_lines_are_read_or_refused_and_tell_nothing() -> None:
    """Never another error, and never a piece of the key in what is said about it."""
    chance = random.Random(11)
    pieces = "0123456789abcXYZ+/=|:;^ -_é\t\x00{}inline"
    for _ in range(1000):
        value = list(f"1 {chance.choice((CM_80, CM_32, GCM))} {INLINE}|2^20|1:4 WSH=64")
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(value))
            how = chance.randrange(3)
            if how == 0:
                value[at] = chance.choice(pieces)
            elif how == 1:
                value.insert(at, chance.choice(pieces))
            else:
                del value[at : at + chance.randrange(1, 8)]
        text = "".join(value)
        try:
            found = read(text)
        except CryptoError as error:
            told = str(error)
            assert not any(text[at : at + 8] in told for at in range(27, 60)), text
        else:
            assert len(found.key) == found.suite.octets
            assert len(found.mki) <= 128


def test_a_key_is_not_shown_with_its_line() -> None:
    shown = repr(read(f"1 {CM_80} {INLINE}"))

    assert CM_80 in shown
    assert base64.b64encode(KEY).decode()[:8] not in shown
    assert repr(KEY)[:12] not in shown
