"""Payload types and what they mean, however rtpmap is spelt."""

from __future__ import annotations

import pytest

from sip.bridge.sdp.formats import Format, Spoken, formats_of
from tests.sip.bridge.sdp.offers import session


def meaning(numbers: str, *maps: str) -> list[tuple[int, str]]:
    lines = [f"m=audio 40000 RTP/AVP {numbers}", *(f"a={line}" for line in maps)]
    return [(f.payload_type, f.name) for f in formats_of(session(*lines).sections[0])]


@pytest.mark.parametrize(
    ("numbers", "maps", "found"),
    [
        pytest.param("8 0", [], [(8, "PCMA"), (0, "PCMU")], id="static, without rtpmap"),
        pytest.param("8", ["rtpmap:8 pcma/8000"], [(8, "PCMA")], id="lower case"),
        pytest.param("0", ["rtpmap:0 PCMU"], [(0, "PCMU")], id="no rate"),
        pytest.param("0", ["rtpmap:0 PCMU/8000/1"], [(0, "PCMU")], id="channels"),
        pytest.param("0", ["rtpmap:0  PCMU / 8000 / 1 "], [(0, "PCMU")], id="blanks"),
        pytest.param("0", ["RTPMAP: 0 Pcmu/8000"], [(0, "PCMU")], id="the attribute's name"),
        pytest.param("107", ["rtpmap:107 PCMA/8000"], [(107, "PCMA")], id="a dynamic number"),
        pytest.param("3", ["rtpmap:3 pcmu"], [(3, "PCMU")], id="another codec's number"),
        pytest.param("0", ["rtpmap:0 iLBC/8000"], [], id="a static number of another codec"),
        pytest.param("0", ["rtpmap:0 PCMU/16000"], [], id="another rate"),
        pytest.param("0", ["rtpmap:0 PCMU/8000/2"], [], id="stereo"),
        pytest.param("97", [], [], id="a dynamic number without rtpmap"),
        pytest.param("18 4 0", [], [(0, "PCMU")], id="codecs that are not spoken"),
        pytest.param("0", ["rtpmap:x PCMA/8000"], [(0, "PCMU")], id="nonsense"),
        pytest.param("0", ["rtpmap:", "rtpmap", "rtpmap:0"], [(0, "PCMU")], id="nothing"),
        pytest.param("* t38 0", [], [(0, "PCMU")], id="formats that are no numbers"),
        pytest.param("0 0 200 72", ["rtpmap:72 PCMA/8000"], [(0, "PCMU")], id="numbers"),
        pytest.param("0 97", ["rtpmap:97 PCMU/8000"], [(0, "PCMU")], id="one codec twice"),
        pytest.param("9 8", [], [(9, "G722"), (8, "PCMA")], id="wide band"),
        pytest.param("97", ["rtpmap:97 g722/8000"], [(97, "G722")], id="wide band elsewhere"),
        pytest.param("8 13", [], [(8, "PCMA"), (13, "CN")], id="comfort noise"),
        pytest.param(
            "0 96 97",
            ["rtpmap:96 telephone-event/48000", "rtpmap:97 Telephone-Event/8000"],
            [(0, "PCMU"), (97, "telephone-event")],
            id="keys at the clock rate of our codecs",
        ),
        pytest.param(
            "0 100",
            ["rtpmap:100 telephone-event"],
            [(0, "PCMU"), (100, "telephone-event")],
            id="keys without a rate",
        ),
    ],
)
def test_a_payload_type_means_what_its_telephone_wants(
    numbers: str, maps: list[str], found: list[tuple[int, str]]
) -> None:
    assert meaning(numbers, *maps) == found


def test_keys_and_noise_are_no_codecs() -> None:
    codecs = [Format(n, name).codec for n, name in ((107, "PCMA"), (101, "telephone-event"))]

    assert codecs == [8, None]


@pytest.mark.parametrize(
    ("names", "only", "codecs"),
    [
        (["PCMA", "pcmu"], True, (8, 0)),
        (["PCMA"], False, (8, 9, 0)),
        (["g722", "PCMA"], True, (9, 8)),
        (["PCMA", "G729", "PCMA"], True, (8,)),
        (["G729"], True, ()),
        ([], False, (9, 0, 8)),
    ],
)
def test_a_trunk_names_what_is_spoken(
    names: list[str], only: bool, codecs: tuple[int, ...]
) -> None:
    """Trunks of others may name what is not spoken here: that is left out."""
    spoken = Spoken.of_trunk(names, only=only)

    assert spoken.codecs == codecs
    assert spoken.ours_first is (8 in codecs and bool(names))
