"""The description is found by what the message says of its body."""

from __future__ import annotations

import contextlib

import pytest
from aiosipua.message import SipRequest
from hypothesis import given
from hypothesis import strategies as st

from sip.bridge.sdp.bodies import MAX_DEPTH, MAX_PARTS, BodyError, description_in
from tests.sip.bridge.sdp.offers import AUDIO, text

SDP = text(AUDIO).encode()
ISUP = b"\x01\x00\x49\r\n--\x00m=audio 1 RTP/AVP 0\r\n\r\n\xff"


def message(kind: str | None, body: bytes, **headers: str) -> SipRequest:
    made = SipRequest(method="INVITE", uri="sip:x@y", body=body)
    if kind is not None:
        made.headers.set_single("Content-Type", kind)
    for name, value in headers.items():
        made.headers.set_single(name.replace("_", "-"), value)
    return made


def part(kind: str, content: bytes, *more: str) -> bytes:
    return "\r\n".join([f"Content-Type: {kind}", *more, "", ""]).encode() + content


def parts(*inner: bytes, boundary: str = "b", last: bool = True) -> bytes:
    line = f"--{boundary}".encode()
    body = b"".join(line + b"\r\n" + piece + b"\r\n" for piece in inner)
    return body + (line + b"--\r\n" if last else b"")


DESCRIPTION = part("application/sdp", SDP)


@pytest.mark.parametrize(
    "kind", ["application/sdp", "Application/SDP; charset=utf-8", " application/sdp ;level=1", None]
)
def test_a_body_that_is_a_description(kind: str | None) -> None:
    """Some telephones leave out what it is."""
    assert description_in(message(kind, SDP)) == SDP.decode()


@pytest.mark.parametrize("body", [b"", b"\r\n"])
def test_without_a_body_the_offer_is_to_be_ours(body: bytes) -> None:
    assert description_in(message(None, body)) is None


@pytest.mark.parametrize(
    ("kind", "inner"),
    [
        pytest.param(
            "multipart/mixed",
            [DESCRIPTION, part("application/isup; version=nxv3", ISUP)],
            id="ISUP",
        ),
        pytest.param(
            "Multipart/Mixed",
            [
                part(
                    "application/isup",
                    ISUP,
                    "Content-Disposition: signal; handling=optional",
                ),
                DESCRIPTION,
            ],
            id="ISUP first",
        ),
        pytest.param(
            "multipart/mixed",
            [part("application/pidf+xml", b"<presence/>", "Content-ID: <a@b>"), DESCRIPTION],
            id="a location",
        ),
        pytest.param(
            "multipart/mixed",
            [
                DESCRIPTION,
                part(
                    "application/resource-lists+xml",
                    b"<resource-lists/>",
                    "Content-Disposition: recipient-list",
                ),
            ],
            id="a list of resources",
        ),
        pytest.param(
            "multipart/related; start=<a>", [part("text/xml", b"<a/>"), DESCRIPTION], id="related"
        ),
        pytest.param(
            "multipart/alternative",
            [part("text/plain", b"a call"), DESCRIPTION, part("application/sdpng", b"<sdpng/>")],
            id="alternatives",
        ),
        pytest.param(
            "multipart/mixed",
            [
                part(
                    'multipart/alternative; boundary="in ner"',
                    parts(part("text/plain", b"x"), DESCRIPTION, boundary="in ner"),
                ),
                part("application/isup", ISUP),
            ],
            id="one inside another",
        ),
        pytest.param(
            "multipart/mixed",
            [
                part("application/sdp", b"v=0", "Content-Disposition: early-session"),
                part("application/sdp", SDP, "Content-Disposition: session"),
            ],
            id="a description for early sound",
        ),
        pytest.param(
            "multipart/mixed",
            [b"Content-Type:\r\n application/sdp\r\nContent-Length: 9\r\n\r\n" + SDP],
            id="a header in two lines",
        ),
        pytest.param("multipart/mixed", [b"c: application/sdp\n\n" + SDP], id="a compact name"),
        pytest.param("multipart/mixed", [b"\r\nplain text", DESCRIPTION], id="no headers"),
    ],
)
def test_a_description_among_other_parts(kind: str, inner: list[bytes]) -> None:
    joiner = "" if "boundary" in kind else "; boundary=b"

    assert description_in(message(kind + joiner, parts(*inner))) == SDP.decode()


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("boundary=b", "b"),
        ('boundary="b"', "b"),
        ('BOUNDARY = "=_one;two: (3)?"', "=_one;two: (3)?"),
        (r'boundary="a\"b"', 'a"b'),
        ('x="a;boundary=no"; boundary=----next', "----next"),
        ("boundary=b;charset=utf-8", "b"),
    ],
)
def test_a_boundary_is_read_as_it_is_written(given: str, written: str) -> None:
    body = parts(part("text/plain", b"--bb\r\n--other"), DESCRIPTION, boundary=written)

    assert description_in(message(f"multipart/mixed;{given}", body)) == SDP.decode()


def test_what_stands_around_the_parts_is_nobodys() -> None:
    around = b"This is a message.\r\n" + parts(DESCRIPTION) + b"\r\nThe end: --b\r\n"

    assert description_in(message("multipart/mixed;boundary=b", around)) == SDP.decode()


def test_the_last_boundary_may_be_missing() -> None:
    body = parts(part("text/plain", b"x"), DESCRIPTION, last=False)

    found = description_in(message("multipart/mixed;boundary=b", body))
    assert found is not None
    assert found.strip() == SDP.decode().strip()


def test_lines_of_a_description_in_another_part_are_not_it() -> None:
    """Read by what the parts are called, not by what is in them."""
    body = parts(part("text/plain", SDP.replace(b"40000", b"5004")), DESCRIPTION)

    assert "40000" in (description_in(message("multipart/mixed;boundary=b", body)) or "")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "gzip, identity"])
def test_an_encoded_body_is_not_read(encoding: str) -> None:
    with pytest.raises(BodyError) as refused:
        description_in(message("application/sdp", SDP, Content_Encoding=encoding))

    assert refused.value.code == 415
    assert refused.value.headers == (("Accept-Encoding", "identity"),)


def test_the_encoding_of_identity_is_none() -> None:
    made = message("application/sdp", SDP, Content_Encoding="Identity")

    assert description_in(made) == SDP.decode()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("text/plain", SDP, id="called text"),
        pytest.param("application/isup", ISUP, id="ISUP alone"),
        pytest.param("multipart/mixed", parts(DESCRIPTION), id="no boundary"),
        pytest.param("multipart/mixed;boundary=c", parts(DESCRIPTION), id="another boundary"),
        pytest.param(
            "multipart/mixed;boundary=b", parts(part("application/isup", ISUP)), id="only unknown"
        ),
        pytest.param(
            "multipart/mixed;boundary=b",
            parts(
                DESCRIPTION,
                part("application/x", b"", "Content-Disposition: render; handling=required"),
            ),
            id="a required part beside it",
        ),
        pytest.param(
            "multipart/mixed;boundary=b",
            parts(part("application/sdp", SDP, "Content-Transfer-Encoding: base64")),
            id="base64",
        ),
        pytest.param(
            "multipart/mixed;boundary=b", parts(*[DESCRIPTION] * (MAX_PARTS + 1)), id="many parts"
        ),
    ],
)
def test_a_body_that_has_to_be_understood_and_is_not(kind: str, body: bytes) -> None:
    with pytest.raises(BodyError) as refused:
        description_in(message(kind, body))

    assert refused.value.code == 415
    assert refused.value.headers[0][0] == "Accept"
    assert refused.value.headers[0][1].startswith("application/sdp")


def test_parts_are_not_looked_for_without_end() -> None:
    body = DESCRIPTION
    for depth in range(MAX_DEPTH + 2):
        body = part(f"multipart/mixed;boundary=b{depth}", parts(body, boundary=f"b{depth}"))
    kind, _, inner = body.partition(b"\r\n\r\n")

    with pytest.raises(BodyError):
        description_in(message(kind.decode().partition(":")[2], inner))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/isup", ISUP),
        (
            "multipart/mixed;boundary=b",
            parts(part("x/y", b"", "Content-Disposition: icon; handling=optional")),
        ),
    ],
)
def test_a_body_that_need_not_be_understood_is_as_good_as_none(kind: str, body: bytes) -> None:
    made = message(kind, body, Content_Disposition="signal ; Handling=Optional")

    assert description_in(made) is None


@given(
    st.text(alphabet='multipar/xed;bounda="\\- \t', max_size=60),
    st.binary(max_size=200),
)
def test_nothing_but_a_body_error_comes_of_any_body(kind: str, body: bytes) -> None:
    with contextlib.suppress(BodyError):
        description_in(message(f"multipart/mixed;{kind}", b"--b\r\n" + body + b"--b--"))
