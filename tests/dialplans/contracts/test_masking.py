"""A number that a caller says without being asked for it is in no record, however it is spelled."""

from __future__ import annotations

import pytest

from dialplans.contracts import events as ev
from dialplans.contracts.masking import (
    MASKED,
    hidden_in,
    mask,
    mask_all,
    mask_part,
    masked_event,
    may_go_on,
)
from dialplans.speech.numerals import pieces
from tests.agents.traces import of_events

SPELLED = [
    "4711", "47 11", "47-11", "4-7-1-1", "4.7.1.1.", "4, 7, 1, 1", "4,711", "47:11", "4/7/1/1",
    "4 — 7 — 1 — 1", "４７１１", "RE4711",
    "four seven one one", "Four. Seven. One. One.", "four, seven, one, one",
    "forty-seven eleven", "forty seven eleven", "fortyseven eleven", "four seven double one",
    "four seven and then double one", "four seven uh one one", "four, seven ... one ... one",
    "four seven, sorry, four seven one one", "four dash seven dash one dash one",
    "for seven one one", "four seven won won", "double five oh triple seven",
    "double oh double seven", "two fives and two sixes", "nineteen eighty four",
    "twenty twenty four", "four thousand seven hundred and eleven", "one thousand two hundred",
    "triple one two", "oh oh one two", "seven nought nought three",
    "vier sieben eins eins", "siebenundvierzig elf", "sieben und vierzig elf", "zwo fünf fünf null",
    "fünfundzwanzig achtzig", "vier, sieben, eins, eins", "vier Komma sieben Komma eins eins",
    "doppel vier doppel eins", "zweimal die sieben, dreimal die null", "dreimal die vier und eins",
    "viertausendsiebenhundertelf", "neunzehnhundertvierundachtzig", "siebzehn null acht",
    "vier Strich sieben Strich eins eins", "fuenf sechs zwoelf", "vier äh sieben ähm eins eins",
    "07700 900123", "+44 (0)7700 900 123", "null eins sieben eins, drei drei drei",
    "dreimal die fünf und eine acht", "drei mal die fünf und eine acht",
    "die fünf dreimal und eine acht", "three times five and an eight", "five thrice, and an oh",
    "3x die 5 und eine 8", "viermal die null", "vier Nullen", "zwei Fünfen und zwei Sechsen",
    "a pair of ones and a pair of twos", "fünf und acht und vier und acht",
    "first a four, then a seven, and finally double one", "four seven one and an oh",
    "the first is four, the second is seven, the third is one and the last is one",
    "erst vier, dann sieben und zum Schluss zweimal die eins", "one hundred two hundred",
    "acht, acht, acht, acht", "1250", "order 123456", "in 2019",
]  # fmt: skip
"""Each with four digits or more, and nothing beside it that would make it a sum or a time."""


@pytest.mark.parametrize("said", SPELLED)
def test_a_number_of_four_digits_is_masked_in_every_spelling(said: str) -> None:
    """Whatever stands around it, and a second time nothing changes."""
    for text in (said, f"it's {said}.", f"Also das wäre, {said}, bitte", f"{said}, thank you"):
        masked = mask(text)

        assert MASKED in masked
        assert not pieces(masked.replace("•", ""))
        assert mask(masked) == masked


@pytest.mark.parametrize(
    "said",
    ["my PIN is {}", "the P.I.N. is {}", "p i n {}", "PINs: {}", "pass word {}", "Password? {}",
     "passcode {}", "my code, let me see, is {}", "CVV {}", "the C V C is {}", "CVV2: {}",
     "security code {}", "the secret number is {}", "verification code {}", "OTP {}", "PUK {}",
     "my card number starts with {}", "{} is my pin", "credit card {}", "passphrase {}",
     "die Prüfziffer ist {}", "Pruefziffer {}", "meine Geheimzahl lautet {}", "das Kennwort ist {}",
     "mein Passwort, äh, {}", "die TAN ist {}", "m-TAN {}", "Sicherheitscode {}", "PIN-Nummer {}",
     "Zugangscode {}", "die Kartennummer ist {}", "PIN-Code: {}", "Kreditkarte {}"],
)  # fmt: skip
@pytest.mark.parametrize(
    "number", ["711", "seven one one", "sieben eins eins", "7-1-1", "4711 euros"]
)
def test_beside_a_word_for_a_secret_three_digits_are_masked(said: str, number: str) -> None:
    """Also where it looks like a sum, and where digits that are no secret were asked for."""
    for asked in (False, True):
        masked = mask(said.format(number), asked=asked)

        assert MASKED in masked
        assert not any(len(piece.digits) > 2 for piece in pieces(masked.replace("•", "")))


READABLE = [
    "I have two phones", "room 42", "I am 42 years old", "one moment please", "one more thing",
    "it costs 1250 euros", "It is £1,250.00", "about 4711 pounds", "1000 Mbit",
    "twelve hundred euros", "zweihundertfünfzig Euro", "dreitausend Euro", "two hundred and fifty",
    "at 14:30 Uhr", "at 10:45 a.m.", "at nine thirty", "on the 3rd of November 2025",
    "im Jahr 2024", "seit November 2024", "from 9 to 5", "I want 20 to 30 of them",
    "thank you a thousand times", "it dropped 4 times on 3 lines", "4 times in 2 days",
    "five times. 3 of them", "I pressed 5 twice", "7 x 24",
    "the first 20 and the last 30 are broken", "room 42, then a desk 17",
    "I have two and, oh, I see", "gib acht, zwei Leitungen", "a pair of routers", "hundert Dank",
    "my postcode is one two three", "the zip code 123", "key 1", "in 10 days",
    "the 2nd line, floor 3", "acht Leitungen", "Achtung, bitte", "oh yes, I ate too much",
    "my dog is called Pin and he is 3", "what is my PIN?", "I forgot my password", "for you to see",
]  # fmt: skip


@pytest.mark.parametrize("said", READABLE)
def test_what_is_no_such_number_stays_readable(said: str) -> None:
    """Short numbers, sums, times, measures, dates, and words that only sound like digits."""
    assert mask(said) == said


@pytest.mark.parametrize("said", ["call me on 07700 900123", "order four seven one one", "2019"])
def test_a_number_that_was_asked_for_stays_readable(said: str) -> None:
    """Unless it turns out to be a secret all the same."""
    assert mask(said, asked=True) == said
    assert MASKED in mask(f"{said}, and my PIN is 4711", asked=True)


@pytest.mark.parametrize(
    ("sentences", "hidden"),
    [
        (["it is four seven", "one one"], [True, True]),
        (["my PIN is", "four", "seven one one"], [False, True, True]),
        (["my pin is four seven", "one"], [True, True]),
        (["four", "seven", "one", "one"], [True] * 4),
        (["siebenundvierzig", "elf"], [True, True]),
        (["it is ••••", "one one"], [True, True]),
        (["I have two", "routers, 17 cables"], [False, False]),
        (["room 42", "floor 17"], [False, False]),
    ],
)
def test_a_number_in_two_breaths_is_masked_in_both(
    sentences: list[str], hidden: list[bool]
) -> None:
    masked = mask_all(sentences)

    assert [MASKED in text for text in masked] == hidden
    assert [m for m, h in zip(masked, hidden, strict=True) if not h] == [
        s for s, h in zip(sentences, hidden, strict=True) if not h
    ]


def test_of_a_sentence_that_is_still_being_said_no_digit_is_told() -> None:
    """How many follow is not known yet."""
    assert mask_part("my pin is four") == f"my pin is {MASKED}"
    assert mask_part("one moment") == "one moment"


def test_digits_at_the_end_of_a_sentence_may_go_on() -> None:
    assert may_go_on("it is four seven.")
    assert not may_go_on("four of them are broken")
    assert not may_go_on("hello")


def test_the_digits_that_were_masked_are_known() -> None:
    """So that what repeats them can be masked, too."""
    assert hidden_in("my pin is four seven double one, and I have 2 phones") == ["4711", "2"]
    assert hidden_in("siebenundvierzig elf") == ["4711"]


def test_long_sentences_are_masked_in_linear_time() -> None:
    """Nobody speaks like that, but a recogniser may loop; it must not stop a call."""
    for looped in ("one ", "und ", "oh ", "a-", "fünfundzwanzig", "double ", "pin "):
        assert mask(looped * 3000 + "4711") != ""


HEAD = {"call": "call-442079460100-x", "source": "agent"}


@pytest.mark.parametrize(
    "event",
    [
        ev.Heard(**HEAD, text="my pin is four seven one one"),
        ev.Heard(**HEAD, text="my pin is four", final=False),
        ev.Heard(**HEAD, text="CVV 123", asked=True),
        ev.Tool(**HEAD, name="not_understood", arguments={"heard": ["it's 47 11"]}),
        ev.HandedOver(**HEAD, frm="a", to="b", summary="Wants help. Last said: “it's 47 11”"),
        ev.PersonWanted(**HEAD, summary="Last said: “vier sieben eins eins”"),
        ev.VoiceMessage(**HEAD, mailbox="m", file="f", seconds=1.0, text="my pin is 4711"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_is_masked_whoever_sent_it(event: ev.Event) -> None:
    """The gateway does it again with what comes from a worker."""
    masked = of_events([masked_event(event)])

    assert MASKED in masked
    assert not any(secret in masked for secret in ("4711", "47 11", "seven", "sieben", "123"))


@pytest.mark.parametrize(
    "event",
    [
        ev.Heard(**HEAD, text="call me on 07700 900123", asked=True),
        ev.VoiceMessage(**HEAD, mailbox="m", file="f", seconds=1.0, text="on 07700 900123"),
        ev.Said(**HEAD, speaker="billing", text="Your ticket is 4001. Call 020 7946 0100."),
        ev.HandedOver(**HEAD, frm="a", to="b", summary="Caller is Maya Okafor, 100200."),
        ev.Tool(**HEAD, name="save_message", arguments={"text": "on 07700 900123"}, asked=True),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_we_say_and_what_we_asked_for_stays_in_an_event(event: ev.Event) -> None:
    assert masked_event(event) == event
