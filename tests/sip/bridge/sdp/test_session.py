"""Descriptions as values: forgiving in spelling, strict in size."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.bridge.sdp.session import MAX_FORMATS, MAX_SECTIONS, SdpError, parse
from tests.sip.bridge.sdp.offers import AUDIO, HOST, KEYS, VIDEO, session, text


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_any_end_of_line_will_do(end: str) -> None:
    found = parse(text(AUDIO, KEYS).replace("\r\n", end))

    assert [(s.kind, s.port, s.formats) for s in found.sections] == [
        ("audio", 40000, ("0", "8", "101"))
    ]


def test_blanks_and_empty_lines_mean_nothing() -> None:
    found = parse(
        f"\r\n  v=0 \r\n\r\nc = IN IP4   {HOST}\t\r\n m= audio  40000 RTP/AVP  0 \r\n\r\n"
    )

    section = found.sections[0]
    assert section.connection is not None
    assert (section.connection.host, section.port, section.formats) == (HOST, 40000, ("0",))


def test_other_signs_that_part_lines_elsewhere_are_part_of_a_name() -> None:
    """A session's name may have them; only CR and LF end a line."""
    found = parse(text(AUDIO).replace("s=-", "s=Alice\u2028m=audio 5004 RTP/AVP 0\x0bm=x"))

    assert len(found.sections) == 1


def test_the_connection_of_a_section_counts_more_than_that_of_the_session() -> None:
    found = session(AUDIO, "c=IN IP4 203.0.113.9", VIDEO)

    hosts = [s.connection.host for s in found.sections if s.connection is not None]
    assert hosts == ["203.0.113.9", HOST]


@pytest.mark.parametrize(
    ("common", "own", "direction"),
    [
        ([], [], "sendrecv"),
        (["a=sendonly"], [], "sendonly"),
        (["a=inactive"], ["a=recvonly"], "recvonly"),
        ([], ["a=SendOnly"], "sendonly"),
        (["a=sendonly"], ["a=sendrecv"], "sendrecv"),
        ([], ["a=sendrecv", "a=inactive"], "inactive"),
    ],
)
def test_the_direction_of_the_session_is_the_default(
    common: list[str], own: list[str], direction: str
) -> None:
    """RFC 4566 §6."""
    found = session(AUDIO, *own, head=(f"c=IN IP4 {HOST}", "t=0 0", *common))

    assert found.sections[0].direction == direction


@pytest.mark.parametrize(
    ("line", "timing"),
    [("t=2873397496 2873404696", "2873397496 2873404696"), ("t=0 0", "0 0"), ("t=soon", "0 0")],
)
def test_the_time_is_kept_for_the_answer(line: str, timing: str) -> None:
    assert session(AUDIO, head=(line,)).timing == timing


def test_a_count_of_ports_is_left_out() -> None:
    assert session("m=audio 40000/2 RTP/AVP 0").sections[0].port == 40000


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("m=audio", id="no port"),
        pytest.param("m=audio x RTP/AVP 0", id="a port in letters"),
        pytest.param("m=audio -1 RTP/AVP 0", id="a negative port"),
        pytest.param("m=audio 4٠000 RTP/AVP 0", id="digits of another script"),
        pytest.param("m=audio 40000 RTP/AVP\x00 0", id="what cannot be printed"),
        pytest.param("m=audio 1234567 RTP/AVP 0", id="too many digits"),
        pytest.param("m=audio 40000 RTP/AVP" + " 0" * (MAX_FORMATS + 1), id="formats"),
        pytest.param("\r\n".join([VIDEO] * (MAX_SECTIONS + 1)), id="sections"),
        pytest.param("\r\n".join(["a=x"] * 1000), id="lines"),
    ],
)
def test_what_could_not_be_answered_is_refused(wrong: str) -> None:
    with pytest.raises(SdpError):
        session(wrong)


_LINES = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.builds("{}={}".format, st.sampled_from("vosctmabik"), st.text(max_size=40)),
        st.builds(
            "m={} {} {} {}".format,
            st.sampled_from(["audio", "video", "image", "AUDIO", "\ud7ff"]),
            st.sampled_from(["0", "40000", "40000/2", "99999", "-1", "/", "٣"]),
            st.sampled_from(["RTP/AVP", "RTP/SAVP", "udptl", "rtp/avp"]),
            st.sampled_from(["0 8 101", "18", "", "t38", "٣"]),
        ),
        st.builds("a=rtpmap:{}".format, st.text(alphabet="0189 /PCMUA.-x", max_size=20)),
    ),
    max_size=30,
)


@given(_LINES)
def test_nothing_but_an_sdp_error_comes_of_any_text(lines: list[str]) -> None:
    with contextlib.suppress(SdpError):
        parse("\r\n".join(lines))
