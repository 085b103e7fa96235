"""Numbers that the caller was asked for: which digits, and how many of those that repeat."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from agents.speech.client.client import SpeechClient
from agents.speech.models.digits import likeliest
from dialplans.speech.numerals import digits_in
from tests.bench.recognition import through_g711
from tests.speech.conftest import Pcm, Spoken

NUMBER, PIN = (6, 10), (4,)


@pytest.mark.parametrize(
    ("readings", "lengths", "chosen"),
    [
        (["1 0 0 2 0 0", "1 0 0 2 0"], NUMBER, 0),
        (["1 0 0 2 0", "1 0 0 2 0 0"], NUMBER, 1),
        (["1002000", "1 0 0 2 0", "100200"], NUMBER, 2),
        (["1 0 0 2 0 0 4 7 1 1"], NUMBER, 0),
        (["4 7 1", "4 7 1 1"], PIN, 1),
    ],
    ids=["right", "one too few", "one too many", "number and PIN at once", "a double one"],
)
def test_the_reading_of_the_right_length_is_chosen(
    readings: list[str], lengths: tuple[int, ...], chosen: int
) -> None:
    assert likeliest([(text, -0.1 * at) for at, text in enumerate(readings)], lengths) == chosen


@pytest.mark.parametrize(
    "readings",
    [
        [("a person please", -0.1), ("100200", -0.2)],
        [("1 0 0", -0.1), ("1 0 0 1 0 0", -0.2)],
        [("6 7 3 0 5", -0.1), ("6 7 3 0 5 9", -0.2)],
        [("1 0 0 2 0", -0.1), ("1 0 0 2 0 0", -0.9)],
    ],
    ids=["words", "the first half", "a digit nobody said", "improbable"],
)
def test_what_was_said_is_not_stretched_to_a_number(readings: list[tuple[str, float]]) -> None:
    """A caller may pause in the middle of a number, or say something else altogether."""
    assert likeliest(readings, NUMBER) == 0


def by_telephone(samples: Pcm) -> bytes:
    narrow = soxr.resample(samples.astype(np.float32), 16_000, 8000).astype(np.int16)
    wide = soxr.resample(through_g711(narrow).astype(np.float32), 8000, 16_000)
    return np.asarray(np.clip(wide, -32768, 32767), np.int16).tobytes()


@pytest.mark.speech
@pytest.mark.parametrize("number", ["100200", "200100", "100300", "700700", "4711", "1000", "5005"])
async def test_repeated_digits_are_counted(
    client: SpeechClient, voice: Spoken, number: str
) -> None:
    """Over the telephone, by the small model: the demo company's numbers, and harder ones."""
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    said = by_telephone(voice(", ".join(names[int(digit)] for digit in number) + "."))

    heard = await client.recognise(said, digits=NUMBER if len(number) == 6 else PIN)

    assert digits_in(heard.text) == number
    await client.aclose()


@pytest.mark.speech
@pytest.mark.parametrize("said", ["I want to speak to a person, please.", "I don't have it."])
async def test_words_are_heard_while_a_number_is_awaited(
    client: SpeechClient, voice: Spoken, said: str
) -> None:
    heard = await client.recognise(by_telephone(voice(said)), digits=NUMBER)

    assert heard.text.rstrip(".") == said.rstrip(".")
    await client.aclose()
