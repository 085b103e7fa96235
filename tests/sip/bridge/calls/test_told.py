"""What a carrier is told of a caller whom we ring somebody for."""

from __future__ import annotations

import pytest

from sip.bridge.calls.kept import Origin
from sip.bridge.calls.outgoing.told import LONGEST, told

OURS, TO, HOST = "+498920001000", "+491701111", "192.0.2.1"
EVERYTHING = ("diversion", "history_info", "asserted_identity", "charging_vector")


def of(came: dict[str, str] | None = None, shown: str = "+4917012345") -> dict[str, str]:
    origin = Origin(called=OURS, shown=shown, came=came or {})
    return dict(told(EVERYTHING, origin, TO, HOST))


def test_a_call_that_came_straight_to_us_is_sent_on_by_our_number() -> None:
    found = of()

    assert found["Diversion"] == "<sip:+498920001000@192.0.2.1>;reason=unconditional;counter=1"
    assert found["History-Info"] == (
        "<sip:+498920001000@192.0.2.1>;index=1, <sip:+491701111@192.0.2.1;cause=302>;index=1.1;mp=1"
    )
    assert found["P-Asserted-Identity"] == "<sip:+4917012345@192.0.2.1>"
    assert found["P-Charging-Vector"].startswith('icid-value="')
    assert "Privacy" not in found


@pytest.mark.parametrize(
    ("came", "first", "count"),
    [
        ("<sip:1@a>;reason=user-busy", "<sip:1@a>;reason=user-busy", 2),
        ('"A, B" <sip:1@a>;reason=no-answer, <tel:+2>;x="y,z"', '"A, B" <sip:1@a>;reason=', 3),
        ("<sip:anonymous@anonymous.invalid>;privacy=full", "<sip:anonymous@anonymous", 2),
    ],
)
def test_who_sent_it_on_before_stands_behind_us(came: str, first: str, count: int) -> None:
    found = of({"diversion": came})["Diversion"]

    assert f";counter={count}, {first}" in found


@pytest.mark.parametrize(
    ("came", "added"),
    [
        ("<sip:1@a>;index=1, <sip:2@b?Reason=SIP%3Bcause%3D486>;index=1.1", ";index=1.1.1;mp=1.1"),
        ("<sip:1@a>;index=1;foo=bar", ";index=1.1;mp=1"),
        ("<sip:1@a>", ";index=1.1;mp=1"),
        ("<sip:1@a>;index=x", ";index=1.1;mp=1"),
    ],
)
def test_a_history_goes_on_a_place_below(came: str, added: str) -> None:
    assert of({"history-info": came})["History-Info"].endswith(
        f"<sip:+491701111@192.0.2.1;cause=302>{added}"
    )


def test_a_withheld_number_is_not_told_to_the_carrier_either() -> None:
    for shown in ("anonymous", ""):
        found = of(shown=shown)

        assert found["P-Asserted-Identity"] == "<sip:+498920001000@192.0.2.1>"
        assert found["Privacy"] == "id"
        assert "17012345" not in str(found)


def test_both_calls_are_charged_as_one() -> None:
    came = 'icid-value="a1";icid-generated-at=192.0.2.7'

    assert of({"p-charging-vector": came})["P-Charging-Vector"] == came
    assert of({"p-charging-vector": "x=y"})["P-Charging-Vector"] != "x=y"


def test_what_is_too_long_makes_way() -> None:
    many = ", ".join(f"<sip:{n:030}@somewhere.example>;index=1.{n}" for n in range(60))
    found = of({"history-info": many, "diversion": many})

    assert len(found["History-Info"]) < LONGEST + 200
    assert found["Diversion"].startswith("<sip:+498920001000@")
    assert "sip:+491701111@" in found["History-Info"]


def test_nobody_is_told_anything_that_was_not_asked_for() -> None:
    assert list(told((), Origin(called=OURS), TO, HOST)) == []
