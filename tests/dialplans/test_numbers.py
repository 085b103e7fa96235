"""Numbers: whatever form a carrier sends, the same caller is the same caller."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.numbering import CALLING_CODES
from dialplans.numbers import caller, calling_code, is_e164, national, normalise

BERLIN, LONDON, BOSTON, ROME = "+493023125100", "+442079460100", "+16175550100", "+390612345678"

e164 = st.builds(
    lambda code, rest: f"+{code}{rest}"[:16],
    st.sampled_from(sorted(CALLING_CODES)),
    st.from_regex(r"[0-9]{4,14}", fullmatch=True),
)


@given(e164)
def test_a_number_comes_back_from_its_national_form(number: str) -> None:
    """`national` never writes what `normalise` would read as another number."""
    assert normalise(national(number), like=number) == number


@given(e164)
def test_international_forms_are_read_alike(number: str) -> None:
    """With plus, as tel: or as SIP address, with parameters, in groups."""
    grouped = f"{number[:3]} ({number[3:5]}) {number[5:7]}-{number[7:]}"

    for written in (number, f"tel:{number}", f"sip:{number};user=phone@carrier.example", grouped):
        assert normalise(written, like=BERLIN) == number


@given(st.text(max_size=40), st.sampled_from([BERLIN, BOSTON, "web", ""]))
def test_any_text_is_a_number_or_none(text: str, like: str) -> None:
    """Nothing a carrier sends raises; what is returned is E.164."""
    found = normalise(text, like)

    assert found is None or is_e164(found)


@pytest.mark.parametrize(
    ("written", "like", "number"),
    [
        ("030 23125100", BERLIN, "+493023125100"),
        ("0049 30 23125100", BERLIN, "+493023125100"),
        ("493023125100", BERLIN, "+493023125100"),
        ("020 7946 0100", LONDON, "+442079460100"),
        ("(617) 555-0100", BOSTON, "+16175550100"),
        ("1-617-555-0100", BOSTON, "+16175550100"),
        ("011 44 20 7946 0100", BOSTON, "+442079460100"),
        ("06 1234 5678", ROME, "+390612345678"),
        ("110", BERLIN, None),
        ("23125", BERLIN, None),
        ("extension 12", BERLIN, None),
        ("030 23125100", "web", None),
    ],
)
def test_national_forms_are_read_in_the_country_of_the_number_called(
    written: str, like: str, number: str | None
) -> None:
    """Trunk prefix, international prefix and bare digits differ by country; a short number is
    nobody's caller id."""
    assert normalise(written, like) == number


@pytest.mark.parametrize("written", ["", "anonymous", "Anonymous", "Restricted", "unavailable"])
def test_a_withheld_caller_is_anonymous(written: str) -> None:
    """Carriers have many words for it; a plan has one."""
    assert caller(written, like=BERLIN) == "anonymous"


def test_what_is_no_number_stays_what_was_sent() -> None:
    """An internal extension is not turned into somebody else's number."""
    assert caller("alice", like=BERLIN) == "alice"


def test_the_longest_country_code_in_use_is_found() -> None:
    """+1 is one country code; +35x are many."""
    codes = [
        calling_code(n) for n in ("+16175550100", "+353120000000", "+4930231251", "+210000000")
    ]

    assert codes == ["1", "353", "49", None]
