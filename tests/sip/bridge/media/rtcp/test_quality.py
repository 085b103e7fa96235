"""The E-model: figures that G.107 and G.113 give."""

from __future__ import annotations

import pytest

from sip.bridge.media.rtcp.quality import measured, mos, rating


def test_the_best_telephone_line_is_4_4() -> None:
    """G.107 annex B: R = 93.2 is a MOS of 4.41."""
    assert mos(rating("PCMU", loss=0, delay_ms=0)) == pytest.approx(4.41, abs=0.01)


@pytest.mark.parametrize(
    ("r", "expected"), [(90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58)]
)
def test_ratings_become_the_scores_of_the_recommendation(r: float, expected: float) -> None:
    """The borders of the classes in G.107 table B.1."""
    assert mos(r) == pytest.approx(expected, abs=0.01)


def test_scores_stay_between_1_and_4_and_a_half() -> None:
    assert mos(-20) == 1.0
    assert mos(3) == 1.0
    assert mos(120) == 4.5


def test_loss_costs_most_at_its_beginning() -> None:
    ratings = [rating("PCMA", loss=loss, delay_ms=20) for loss in (0, 0.01, 0.02, 0.03, 0.5, 1)]

    assert ratings == sorted(ratings, reverse=True)
    assert ratings[0] - ratings[1] > ratings[2] - ratings[3]
    assert mos(ratings[-1]) < 1.5


def test_delay_begins_to_hurt_where_people_talk_into_each_other() -> None:
    near, far = rating("PCMU", loss=0, delay_ms=150), rating("PCMU", loss=0, delay_ms=400)

    assert near == pytest.approx(93.2 - 3.6)
    assert near - far > 25


def test_wide_band_is_on_its_own_scale() -> None:
    """G.113 appendix IV gives G.722 at 64 kbit/s 13 of the 129 of wide band."""
    assert rating("G722", loss=0, delay_ms=0) == pytest.approx(89.9, abs=0.1)


def test_of_other_codecs_nothing_is_said() -> None:
    assert not measured("opus")
    assert measured("pcma")
    with pytest.raises(KeyError):
        rating("opus", loss=0, delay_ms=0)


@pytest.mark.parametrize("loss", [0.01, 0.03, 0.1])
def test_what_is_concealed_is_half_as_bad(loss: float) -> None:
    """Or better; of what is not lost nothing has to be."""
    hole = rating("PCMA", loss=loss, delay_ms=0)
    filled = rating("PCMA", loss=loss, delay_ms=0, concealed=True)
    best = rating("PCMA", loss=0, delay_ms=0, concealed=True)

    assert best - filled < (best - hole) / 2
    assert rating("PCMA", loss=0, delay_ms=0) == best
