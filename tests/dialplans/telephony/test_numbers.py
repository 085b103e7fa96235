"""Numbers: whatever form a carrier sends, the same caller is the same caller."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.telephony.numbers import calling_code, is_e164, known_country, normalise, read

BERLIN, LONDON, BOSTON, ROME = "+493023125100", "+442079460100", "+16175550100", "+390612345678"
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)

e164 = st.builds(
    lambda code, rest: f"+{code}{rest}"[:16],
    st.sampled_from(CODES),
    st.from_regex(r"[1-9][0-9]{3,13}", fullmatch=True),
)
real = (
    st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))
    .map(phonenumbers.example_number)
    .filter(bool)
)


@given(real)
def test_a_number_comes_back_from_its_national_form(number: phonenumbers.PhoneNumber) -> None:
    """As the people of each country write it for each other."""
    home = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    wanted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    like = phonenumbers.region_code_for_number(number) or ""
    short = len("".join(filter(str.isdigit, home))) < 7

    assert normalise(home, like) == wanted or short


@given(e164)
def test_international_forms_are_read_alike(number: str) -> None:
    """With plus, as tel: or as SIP address, with parameters, in groups."""
    grouped = f"{number[:3]} ({number[3:5]}) {number[5:7]}-{number[7:]}"

    for written in (number, f"tel:{number}", f"sip:{number};user=phone@carrier.example", grouped):
        assert normalise(written, like=BERLIN) == number


@given(st.text(max_size=40), st.sampled_from([BERLIN, BOSTON, "DE", "web", ""]))
def test_any_text_is_a_number_or_none(text: str, like: str) -> None:
    """Nothing a carrier sends raises; what is returned is E.164 and is read as itself."""
    found = normalise(text, like)

    assert found is None or is_e164(found)
    assert found is None or normalise(found, like) == found


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


@pytest.mark.parametrize(
    ("written", "like", "number"),
    [
        ("8 (495) 123-45-67", "RU", "+74951234567"),
        ("010 44 20 7946 0100", "JP", "+442079460100"),
        ("06 1 234 5678", "HU", "+3612345678"),
        ("0011 49 30 23125100", "AU", "+493023125100"),
        ("22 123 45 67", "PL", "+48221234567"),
        ("0701234567", "CI", "+2250701234567"),
    ],
)
def test_a_country_may_be_named_by_its_code(written: str, like: str, number: str) -> None:
    """A trunk says `country: RU` where its numbers do not."""
    assert normalise(written, like) == number


@pytest.mark.parametrize(
    "written",
    [
        "+49 (0)30 23125700",
        "+49(0)30/23125-700",
        "0049 (0) 30 23125700",
        "+49 030 23125700",
        "+0049 30 23125700",
        "++49 30 23125700",
        "tel:+49-30-23125700",
        "tel:23125700;phone-context=+4930",
        "tel:030-23125700;phone-context=+49",
        "tel:+49-30-23125700;ext=12",
        "tel:+49-30-23125700;isub=7;ext=1",
        "+49 30 23125700 x12",
        "+49 30 23125700 ext. 12",
        "+49 30 23125700#12",
        "sip:+49(0)3023125700@pbx.example.com;user=phone",
        "sips:%2B493023125700@pbx.example.com",
        "SIP:+493023125700;npdi;rn=+4930@pbx.example.com:5061;transport=tcp?Subject=a@b",
        "sip:03023125700;phone-context=+49@ims.example.com;user=phone",
        '"Ann, sales" <sip:+49.30.23125700@x>;tag=1',
        "＋４９ ３０ ２３１２５７００",
        "+٤٩ ٣٠ ٢٣١٢٥٧٠٠",
        "\u202a+49 30 23125700\u202c",
        "+49\u00a030\u201123125700",
        "493023125700",
        "00493023125700",
        "011493023125700",
    ],
)
@pytest.mark.parametrize("like", [LONDON, "US", "GB"])
def test_one_number_has_one_form_however_it_is_written(written: str, like: str) -> None:
    """As telephones, PBXs, carriers, copied web pages and people write it (E.123, RFC 3966)."""
    assert normalise(written, like) == "+493023125700"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+48 (0)22 123 45 67", "+48221234567"),
        ("+33 (0)1 42 68 53 00", "+33142685300"),
        ("+36 (06) 1 234 5678", "+3612345678"),
        ("+39 (0)6 12345678", "+390612345678"),
        ("+225 07 01 23 45 67", "+2250701234567"),
    ],
)
def test_a_zero_after_the_country_goes_only_where_it_is_not_part_of_the_number(
    written: str, number: str
) -> None:
    """Italy and the Ivory Coast have zeros of their own; Poland has none to dial at all."""
    assert normalise(written, LONDON) == number


@pytest.mark.parametrize(
    ("written", "like", "number"),
    [
        ("442079460100", "GB", "+442079460100"),
        ("442079460100", "DE", "+442079460100"),
        ("33612345678", "GB", "+33612345678"),
        ("12125550199", "GB", "+12125550199"),
        ("447700900123", "US", "+447700900123"),
        ("2079460100", "GB", "+442079460100"),
        ("15123456789", "DE", "+4915123456789"),
        ("0447700900123", "GB", None),
    ],
)
def test_a_missing_plus_is_put_where_the_number_is_whole(
    written: str, like: str, number: str | None
) -> None:
    """Carriers leave it out; a number of the country itself goes first."""
    assert normalise(written, like) == number


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("200", "200"),
        ("*86", "*86"),
        ("#31#", "#31#"),
        ("112", "112"),
        ("116117", "116117"),
        ("tel:112;phone-context=+49", "112"),
        ("tel:7042;phone-context=pbx.example.com", "7042"),
        ("sip:200@pbx.example.com;user=phone", "200"),
        ("555-0100", "555-0100"),
        ("1800FLOWERS", "1800FLOWERS"),
        ("<sip:alice:secret@example.com>", "alice"),
        ("sip:trunk-49301234567@example.com", "trunk-49301234567"),
    ],
)
def test_what_is_no_number_stays_what_was_sent(written: str, kept: str) -> None:
    """An extension, a service code or a name is not turned into somebody else's number."""
    assert read(written, like=BOSTON) == kept


def test_the_longest_country_code_in_use_is_found() -> None:
    """+1 is one country code; +35x are many."""
    codes = [
        calling_code(n) for n in ("+16175550100", "+353120000000", "+4930231251", "+210000000")
    ]

    assert codes == ["1", "353", "49", None]


def test_countries_are_known_by_two_capital_letters() -> None:
    known = [code for code in ("DE", "GB", "UK", "de", "EU", "Germany", "") if known_country(code)]

    assert known == ["DE", "GB"]
