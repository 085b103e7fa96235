"""Messages out of a stream: whole ones only, and nothing that is longer than was let in."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.bridge.signalling.message import check
from sip.bridge.signalling.reading.parse import MAX_LINES, MAX_SEPARATORS, BadMessageError, parse
from sip.bridge.transport.framing import MAX_HEAD_BYTES, Framer, FramingError

LARGE = 80 * 1024
HEAD = b"OPTIONS sip:a@b SIP/2.0\r\n"


def message(body: bytes = b"", *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return HEAD + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


def read(*chunks: bytes, largest: int = LARGE) -> tuple[list[bytes], Framer]:
    framer = Framer()
    found: list[bytes] = []
    for chunk in chunks:
        framer.put(chunk)
        found += framer.messages(largest=largest)
    return found, framer


ONE, TWO, THREE = message(b"v=0"), message(), message(b"x" * 100, b"l2: 5")


@given(st.lists(st.integers(0, len(ONE + TWO + THREE)), max_size=12))
def test_messages_are_the_same_however_they_are_cut(cuts: list[int]) -> None:
    """TCP knows no borders: any split of the bytes gives the same three messages."""
    whole = b"\r\n\r\n" + ONE + TWO + b"\r\n\r\n" + THREE
    at = [0, *sorted(cuts), len(whole)]
    found, framer = read(*(whole[a:b] for a, b in itertools.pairwise(at)))

    assert found == [ONE, TWO, THREE]
    assert framer.pings == 2
    assert not framer.unfinished


@pytest.mark.parametrize(
    ("data", "pings"),
    [(b"\r\n\r\n", 1), (b"\r\n", 0), (b"\r\n" * 5, 2), (b"\r\n" * 4000, 2000), (b"\n\n", 1)],
)
def test_two_line_ends_are_a_keep_alive(data: bytes, pings: int) -> None:
    """RFC 5626 §3.5.1; none of them is kept."""
    found, framer = read(data)

    assert found == []
    assert framer.pings == pings
    assert not framer.unfinished


@pytest.mark.parametrize(
    "length",
    [b"Content-Length: 3", b"l:3", b"CONTENT-LENGTH  :\t3 ", b"Content-Length:\r\n 3", b"L : 0003"],
)
def test_the_length_is_found_however_it_is_written(length: bytes) -> None:
    whole = HEAD + length + b"\r\n\r\nabc"
    found, _ = read(whole + TWO)

    assert found == [whole, TWO]


@pytest.mark.parametrize(
    ("data", "largest"),
    [
        pytest.param(HEAD + b"X: " + b"y" * MAX_HEAD_BYTES, LARGE, id="headers without an end"),
        pytest.param(message(b"", b"X: " + b"y" * MAX_HEAD_BYTES), LARGE, id="long headers"),
        pytest.param(HEAD + b"Content-Length: 65537\r\n\r\n", LARGE, id="a body too long"),
        pytest.param(HEAD + b"Content-Length: -1\r\n\r\n", LARGE, id="a negative length"),
        pytest.param(HEAD + b"Content-Length: ten\r\n\r\n", LARGE, id="no number"),
        pytest.param(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", LARGE, id="digits"),
        pytest.param(message(b"x" * 8000), 8000, id="more than a stranger may"),
        pytest.param(b"x" * 9000, 8000, id="more than a stranger may, and no end"),
    ],
)
def test_a_connection_that_sends_this_is_of_no_use(data: bytes, largest: int) -> None:
    with pytest.raises(FramingError):
        read(data, largest=largest)


def test_a_large_call_of_a_carrier_is_read() -> None:
    """An INVITE with a body of many parts, 64 kB of it."""
    whole = message(b"x" * 65536, b"Content-Type: multipart/mixed;boundary=b")

    assert read(whole)[0] == [whole]


VIA = b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx"
REST = (b"From: <sip:a@b>;tag=1", b"To: <sip:b@b>", b"Call-ID: 1", b"CSeq: 1 OPTIONS")


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(b"X: y\r\n" * MAX_LINES, id="headers"),
        pytest.param(b"X: y\r" * MAX_LINES, id="headers that end in a half"),
        pytest.param(b"a\n" * MAX_LINES, id="lines that are none"),
        pytest.param(b"Contact: " + b"," * (MAX_SEPARATORS + 1), id="values"),
        pytest.param(b"Via: x" + b";a=b" * MAX_SEPARATORS, id="parameters"),
        pytest.param(b"X: " + b"y" * MAX_HEAD_BYTES, id="length"),
        pytest.param(b"X: y\n\n" + b"," * 1000 + b"\r\n", id="behind an end that is none"),
    ],
)
def test_what_would_take_long_to_read_is_not_read(extra: bytes) -> None:
    """Whoever sends it: there is nothing to answer to, either."""
    with pytest.raises(BadMessageError) as refused:
        parse(HEAD + b"\r\n".join([VIA, extra.rstrip(b"\r\n"), *REST]) + b"\r\n\r\n")

    assert refused.value.code == 0


def test_a_folded_header_of_a_thousand_lines_is_one_header() -> None:
    """Joined in one go; line by line it would be copied a thousand times."""
    folded = b"Subject: a" + b"\r\n b" * 1000
    raw = parse(HEAD + b"\r\n".join([VIA, folded, *REST]) + b"\r\n\r\n")

    assert raw.get_header("subject") == "a" + " b" * 1000


@pytest.mark.parametrize("name", [b"CSeq", b"Content-Length"])
def test_a_number_of_five_thousand_digits_is_400(name: bytes) -> None:
    """Python refuses to read so many, and says so with an error of its own."""
    digits = b"9" * 5000
    rest = [line for line in REST if not line.startswith(name)]
    line = name + b": " + digits + (b" OPTIONS" if name == b"CSeq" else b"")
    raw = parse(HEAD + b"\r\n".join([VIA, *rest, line]) + b"\r\n\r\n")

    with pytest.raises(BadMessageError) as refused:
        check(raw, ("192.0.2.1", 5060))  # type: ignore[arg-type]

    assert refused.value.code == 400


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nContent-Length: 7",
        b"l: 5\r\nContent-Length: 0",
        b"Content-Length: 5\rContent-Length: 6",
        b"Content-Length: 5\nl : 6",
        b"Content-Length:\n 5\r\nL: 50",
    ],
)
def test_two_lengths_that_differ_end_the_stream(head: bytes) -> None:
    """However their lines end: where the next message begins is anybody's guess."""
    with pytest.raises(FramingError):
        read(HEAD + head + b"\r\n\r\n" + b"12345")


def test_a_length_that_is_said_twice_is_one() -> None:
    (whole,), _ = read(HEAD + b"Content-Length: 5\r\nl: 05\r\n\r\n12345")

    assert whole.endswith(b"12345")
