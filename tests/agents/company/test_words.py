"""The fixed sentences, digits in speech, opening hours and the demo company's books."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from agents.company.crm import Money
from agents.company.demo_company import DemoCompany
from agents.company.opening_hours import hours_sentence
from agents.company.phrases import _read, phrases
from agents.personas.identification import Identification
from dialplans.speech.numerals import digits_in
from tests.agents.calling import BERLIN, PLAN, RECEPTION, call_to, plan
from tests.fakes.language_model import calls


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things_with_the_same_blanks() -> None:
    english, german = _read("en"), _read("de")

    assert english.keys() == german.keys()
    assert [key for key in english if blanks(english[key]) != blanks(german[key])] == []


@pytest.mark.parametrize(
    ("amount", "english", "german"),
    [
        (Money(Decimal("77.00"), "GBP"), "77 pounds", "77 Pfund"),
        (Money(Decimal("129.50"), "EUR"), "129 euros and 50 cents", "129 Euro und 50 Cent"),
    ],
)
def test_amounts_are_spoken(amount: Money, english: str, german: str) -> None:
    assert phrases("en-GB").money(amount) == english
    assert phrases("de-AT").money(amount) == german


@pytest.mark.parametrize(
    ("day", "spoken"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd"), (30, "30th")],
)
def test_days_are_spoken_as_ordinals(day: int, spoken: str) -> None:
    assert phrases("en").day(date(2026, 12, day)) == f"the {spoken} of December"


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("it's 100200", "100200"),
        ("one double oh two zero zero", "100200"),
        ("four seven one one", "4711"),
        ("forty-seven eleven", "4711"),
        ("vier sieben elf", "4711"),
        ("siebenundvierzig elf", "4711"),
        ("1-0-0-2-0-0, please", "100200"),
        ("oh, I see", ""),
        ("I don't have it", ""),
        ("press two", "2"),
        ("oh, one moment please", ""),
        ("treble five, one", "5551"),
        ("zwei Fünfen und zweimal die Sechs", "5566"),
        ("drei mal die fünf und eine acht", "5558"),
        ("the five twice, then four and an oh", "5540"),
        ("seven one for one", "7141"),
        ("1 0 0 2 0 0 for Mr Smith", "100200"),
        ("to one two three", "123"),
        ("acht, acht, acht, acht", "8888"),
        ("one hundred two hundred", "100200"),
        ("one hundred thousand two hundred", "100200"),
        ("einhunderttausendzweihundert", "100200"),
        ("press two for sales", "2"),
        ("the four, and that is for you", "4"),
    ],
)
def test_digits_are_found_in_what_was_heard(said: str, digits: str) -> None:
    assert digits_in(said) == digits


def test_number_and_pin_in_one_breath_are_both_taken() -> None:
    who = Identification()

    assert who.heard("100200 4711")
    assert (who.number, who.pin, who.step) == ("100200", "4711", "check")
    assert "4711" not in repr(who)


def test_who_begins_to_type_begins_anew() -> None:
    """Half a number that was spoken, or misheard, does not shift what is typed then."""
    who = Identification()
    who.heard("one zero")
    for key in "100200":
        who.typed(key)

    assert (who.number, who.step) == ("100200", "pin")


def test_a_short_number_ended_with_hash_is_asked_again() -> None:
    who = Identification()
    for key in "12#":
        who.typed(key)

    assert who.again
    assert who.step == "number"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2026, 11, 24, 10, 0, tzinfo=UTC), "Today our office closes at 6 pm."),
        (datetime(2026, 11, 24, 6, 0, tzinfo=UTC), "It opens again today at 8 am."),
        (datetime(2026, 11, 27, 20, 0, tzinfo=UTC), "It opens again on Monday at 8 am."),
    ],
)
async def test_opening_hours_come_from_the_plan(tmp_path: Path, now: datetime, said: str) -> None:
    """On the clock of the number that was called."""
    async with call_to(RECEPTION, calls("opening_hours"), home=tmp_path) as call:
        call.state.services = replace(call.state.services, now=lambda: now)
        await call.says("when are you open?")

        assert call.said[-1].endswith(said)


OFFICE = 'office: {mon-fri: "08:00-18:00"}'
ALWAYS = '"00:00-24:00"'
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
FRIDAY_NIGHT = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "english", "german"),
    [
        (
            f'hours: {{office: {{mon-thu: {ALWAYS}, fri: "00:00-18:00"}}}}',
            TUESDAY,
            "Our office closes on Friday at 6 pm.",
            "schließen am Freitag um 18 Uhr.",
        ),
        (
            'hours: {office: {tue: "08:00-24:00"}}',
            TUESDAY,
            "Today our office closes at midnight.",
            "heute bis 24 Uhr.",
        ),
        (
            'hours: {office: {tue: "09:30-12:30"}}',
            TUESDAY,
            "Today our office closes at 12:30 pm.",
            "heute bis 12:30 Uhr.",
        ),
        (
            'hours: {office: {fri: "22:00-24:00", sat: "00:00-02:00"}}',
            FRIDAY_NIGHT,
            "Our office closes tomorrow at 2 am.",
            "Wir haben gerade geöffnet, heute bis 2 Uhr.",
        ),
        (
            f"hours: {{office: {{daily: {ALWAYS}}}}}",
            TUESDAY,
            "around the clock.",
            "rund um die Uhr geöffnet.",
        ),
        (
            f'hours: {{{OFFICE}}}\nholidays: {{"11-25": closed}}',
            TUESDAY.replace(hour=20),
            "It opens again on Thursday at 8 am.",
            "Es öffnet wieder am Donnerstag um 8 Uhr.",
        ),
        (
            f'hours: {{{OFFICE}}}\nholidays: {{"11-25..12-01": closed}}',
            TUESDAY.replace(hour=20),
            "It opens again on Wednesday the 2nd of December at 8 am.",
            "Es öffnet wieder am Mittwoch, dem 2. Dezember, um 8 Uhr.",
        ),
        (
            f'hours: {{{OFFICE}}}\noverride: {{is: closed, until: "2026-11-25 08:30"}}',
            TUESDAY,
            "It opens again tomorrow at 8:30 am.",
            "Es öffnet wieder morgen um 8:30 Uhr.",
        ),
        (
            f"hours: {{office: {{sat: {ALWAYS}}}}}",
            TUESDAY,
            "It opens again on Saturday at midnight, as the day begins.",
            "Es öffnet wieder am Samstag um 0 Uhr.",
        ),
    ],
)
def test_another_day_than_today_is_named(
    hours: str, now: datetime, english: str, german: str
) -> None:
    """Whether it closes or opens, by whatever rule, and on the clock of the number: what ends at
    midnight ends on the day before, and a week away it takes a date."""
    made = plan(PLAN.replace(f"hours: {{{OFFICE}}}", hours)).plan
    london = hours_sentence(made, RECEPTION, now=now, phrases=phrases("en"))
    berlin = hours_sentence(made, BERLIN, now=now, phrases=phrases("de"))

    assert london.endswith(english)
    assert berlin.endswith(german)


@pytest.mark.parametrize(
    ("then", "ends", "english", "german"),
    [
        (datetime(2026, 11, 24, 12, 0, tzinfo=UTC), False, "today at noon", "heute um 12 Uhr"),
        (datetime(2026, 11, 25, tzinfo=UTC), True, "today at midnight", "heute um 24 Uhr"),
        (datetime(2026, 11, 26, tzinfo=UTC), True, "tomorrow at midnight", "morgen um 24 Uhr"),
        (
            datetime(2026, 11, 30, 0, 5, tzinfo=UTC),
            False,
            "on Monday at 12:05 am",
            "am Montag um 0:05 Uhr",
        ),
        (
            datetime(2026, 12, 1, 9, 0, tzinfo=UTC),
            False,
            "on Tuesday the 1st of December at 9 am",
            "am Dienstag, dem 1. Dezember, um 9 Uhr",
        ),
        (
            datetime(2027, 11, 22, 9, 0, tzinfo=UTC),
            False,
            "on Monday the 22nd of November 2027 at 9 am",
            "am Montag, dem 22. November 2027, um 9 Uhr",
        ),
    ],
)
def test_a_moment_is_spoken_as_seen_from_now(
    then: datetime, ends: bool, english: str, german: str
) -> None:
    now = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

    assert phrases("en").moment(then, now, ends=ends) == english
    assert phrases("de").moment(then, now, ends=ends) == german


async def test_a_german_number_answers_in_german(tmp_path: Path) -> None:
    async with call_to(BERLIN, calls("opening_hours"), home=tmp_path) as call:
        await call.says("Wann haben Sie geöffnet?")

        assert call.said == [
            phrases("de").say("reception.greeting"),
            "Wir haben gerade geöffnet, heute bis 18 Uhr.",
        ]


async def test_three_wrong_pins_close_a_number_for_a_while(tmp_path: Path) -> None:
    """Whoever calls: otherwise a PIN is guessed with enough calls."""
    books = DemoCompany(tmp_path / "company.db")
    books.prepare(date(2026, 11, 24))

    assert await books.identify("100200", "4711")

    for wrong in ("0", "1", "2"):
        assert await books.identify("100200", wrong) is None

    assert await books.identify("100200", "4711") is None
    assert await books.identify("100300", "2580") is not None


async def test_pins_are_not_stored_as_they_are(tmp_path: Path) -> None:
    books = DemoCompany(tmp_path / "company.db")
    books.prepare(date(2026, 11, 24))
    stored = (tmp_path / "company.db").read_bytes()

    assert b"Maya Okafor" in stored
    assert b"4711" not in stored
