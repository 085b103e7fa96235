from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from agents.speech.intents.slots import spoken_number
from agents.speech.models.benchmark_cache import remember, remembered
from agents.speech.models.text_normalisation import readable
from agents.speech.models.vectors import Vectors
from agents.speech.models.weights import MINILM_TOKENIZER, BadWeightsError, Part, load
from agents.speech.models.whisper import goes_round, said_once
from agents.speech.prerender_cache import PrerenderCache
from agents.speech.server.settings import read_settings
from agents.speech.server.worker_pool import WorkerPool


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Your ticket number is 4711.", "Your ticket number is four seven one one."),
        ("Ticket SB-4711 is open.", "Ticket S B, four seven one one is open."),
        ("Customer number 100245", "Customer number one zero zero, two four five"),
        ("You owe 1.249,00 €.", "You owe €1249.00."),
        ("Call 030 901820.", "Call zero three zero, nine zero one, eight two zero."),
        ("It was €42.50 in 2026 at 14:30.", "It was €42.50 in 2026 at 14:30."),
        ("12,500 people", "12,500 people"),
        ("+49 89 20001000x is no number", "plus four nine, eight nine 20001000x is no number"),
    ],
)
def test_numbers_that_are_names_are_read_digit_by_digit(written: str, read: str) -> None:
    """References and telephone numbers are spelled; amounts, years and times are left alone."""
    assert readable(written) == read


def test_german_numbers_are_read_in_german() -> None:
    """The same for the other voice."""
    assert readable("Kundennummer 4711", "de") == "Kundennummer vier sieben eins eins"


@pytest.mark.parametrize("unit", ["1", "11 ", "1-", "1.", "1,", "0 11/", "number 1", "A-1"])
@pytest.mark.parametrize("before", ["", "+", "0", "PIN "])
def test_a_long_row_of_digits_is_read_as_soon_as_a_short_one(unit: str, before: str) -> None:
    """A hundred thousand characters that are almost a telephone number or an amount; what fails
    if every way to divide them is tried is the suite's time limit."""
    row = before + unit * (100_000 // len(unit))

    assert readable(f"{row}a", "en")
    assert readable(f"{row}!", "de")
    assert spoken_number(f"{row} x") in (None, "".join(c for c in row if c.isdigit()))


@pytest.mark.parametrize(
    ("said", "number"),
    [("4711", "4711"), ("it is 12,50 €", None), ("1.249,00 euros", None), ("it's 4 7 1 1", "4711")],
)
def test_an_amount_is_no_reference(said: str, number: str | None) -> None:
    """However the digits of it are grouped."""
    assert number == spoken_number(said)


def test_only_stock_sentences_reach_the_disk(tmp_path: Path) -> None:
    """What was said to one caller is forgotten with the process."""
    phrases = PrerenderCache(tmp_path)
    phrases.put("Hello.", "en", "", b"aa", keep=True)
    phrases.put("Your balance is 3.", "en", "", b"bb")

    again = PrerenderCache(tmp_path)

    assert phrases.get("Your balance is 3.", "en") == b"bb"
    assert again.get("Hello.", "en") == b"aa"
    assert again.get("Your balance is 3.", "en") is None


def test_the_memory_of_phrases_is_bounded() -> None:
    """The least recently used go first."""
    phrases = PrerenderCache(None, memory_bytes=10)
    for name in "abc":
        phrases.put(name, "en", "", b"1234")

    assert [phrases.get(name, "en") for name in "abc"] == [None, b"1234", b"1234"]


def test_a_cache_without_memory_reads_the_disk_each_time(tmp_path: Path) -> None:
    """A job has no room for every sentence of its voice."""
    phrases = PrerenderCache(tmp_path, memory_bytes=0)
    phrases.put("Hello.", "en", "", b"aa", keep=True)
    phrases.put("Your balance is 3.", "en", "", b"bb")
    (file,) = tmp_path.iterdir()
    found = phrases.get("Hello.", "en")
    file.unlink()

    assert found == b"aa"
    assert phrases.get("Hello.", "en") is None
    assert not phrases.has("Hello.", "en")
    assert phrases.get("Your balance is 3.", "en") is None


def test_a_full_disk_costs_a_file_and_nothing_else(tmp_path: Path) -> None:
    """Where a folder cannot be made the phrase is still in memory."""
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    phrases = PrerenderCache(blocked / "phrases")

    phrases.put("Hello.", "en", "", b"aa", keep=True)

    assert phrases.get("Hello.", "en") == b"aa"


def test_weights_that_are_not_the_measured_ones_are_refused() -> None:
    """A package of the same name with other contents must not be loaded."""
    with pytest.raises(BadWeightsError, match="has sha256"):
        load(Part(MINILM_TOKENIZER.package, MINILM_TOKENIZER.path, "0" * 64))


def test_weights_that_are_missing_say_what_to_do() -> None:
    """The operator reads one line with the remedy."""
    with pytest.raises(BadWeightsError, match="uv sync"):
        load(Part("no_such_package", "model.bin", "0" * 64))


def test_the_most_urgent_job_is_next() -> None:
    """Later but more urgent goes first; hurried goes before what was asked earlier."""
    order: list[str] = []
    gate, running = threading.Event(), threading.Event()
    workers = WorkerPool("test", 1)

    def hold() -> None:
        running.set()
        gate.wait()

    workers.submit(hold, 0)
    running.wait()
    jobs = [
        workers.submit(lambda n=name: order.append(n), priority)  # type: ignore[misc]
        for name, priority in (("late", 2), ("guess", 1), ("now", 0), ("hurried", 2))
    ]
    workers.hurry(jobs[3], 0)
    jobs[0].future.cancel()
    gate.set()
    for job in jobs[1:]:
        job.future.result(10)
    workers.close()

    assert order == ["now", "hurried", "guess"]


def test_what_a_job_raises_reaches_who_asked() -> None:
    """And the thread takes the next job."""
    workers = WorkerPool("test", 1)
    broken = workers.submit(lambda: 1 // 0, 0)
    fine = workers.submit(lambda: 2, 0)

    assert fine.future.result(10) == 2
    with pytest.raises(ZeroDivisionError):
        broken.future.result(10)
    workers.close()


@pytest.mark.parametrize(
    ("text", "round_about"),
    [
        ("Press zero for help. Press zero for help.", True),
        ("press 7 to jump backwards press 8 to jump forwards press 7 to jump backwards", True),
        ("I have a question about my bill and about my router.", False),
        ("four seven one one", False),
    ],
)
def test_a_decoder_that_goes_round_is_noticed(text: str, round_about: bool) -> None:
    """A short window makes Whisper say a sentence twice now and then."""
    assert goes_round(text) is round_about


@pytest.mark.parametrize(
    ("text", "seconds", "once"),
    [
        ("Who are you? Who are you?", 0.8, "Who are you?"),
        ("Who are you? Who are you? Who", 0.8, "Who are you?"),
        ("Yes. Who are you? Who are you?", 0.9, "Yes. Who are you?"),
        ("Who are you? Who are you?", 2.0, ""),
        ("Who are you? Who are you? Send me my bill.", 0.9, ""),
        ("Send me my bill.", 0.5, ""),
        ("Be Be Be Be Be Be Be Be Be", 1.0, ""),
    ],
)
def test_what_nobody_can_say_twice_so_fast_was_said_once(
    text: str, seconds: float, once: str
) -> None:
    """No second decoding is needed for it; where it is in doubt, there is one."""
    assert said_once(text, seconds) == once


def test_vectors_are_kept_for_one_model_only(tmp_path: Path) -> None:
    """Vectors of another model would be nonsense; near enough is good enough for the right one."""
    vector = np.random.default_rng(0).normal(size=384).astype(np.float32)
    vector /= np.linalg.norm(vector)
    Vectors("model a", tmp_path / "v").keep([("hello", vector)])

    kept = Vectors("model a", tmp_path / "v").get("hello")

    assert kept is not None
    assert float(kept @ vector) > 0.999
    assert Vectors("model b", tmp_path / "v").get("hello") is None


def test_a_measurement_is_good_for_an_hour(tmp_path: Path) -> None:
    """Restarted soon, the process believes it; the next day it measures again."""
    file = tmp_path / "speech.json"
    remember(file, {"whisper-base": 150.0})
    at = file.stat().st_mtime

    assert remembered(file) == {"whisper-base": 150.0}
    assert remembered(file, now=at + 7200) == {}
    assert remembered(None) == {}


@pytest.mark.parametrize(
    ("name", "value"), [("SWITCHBOARD_SPEECH_MODEL", "huge"), ("SWITCHBOARD_SPEECH_WORKERS", "x")]
)
def test_a_setting_that_cannot_be_is_named(name: str, value: str) -> None:
    """The message names the variable and what it may be."""
    with pytest.raises(ValueError, match=name):
        read_settings({name: value})


def test_settings_say_where_things_lie() -> None:
    """The socket by its own variable, or under the home of the installation."""
    settings = read_settings({"SWITCHBOARD_HOME": "/var/sb", "SWITCHBOARD_SPEECH_WORKERS": "3"})

    assert settings.socket == Path("/var/sb/speech.sock")
    assert settings.home == Path("/var/sb")
    assert settings.workers == 3


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("one hundred thousand two hundred", "100200"),
        ("my number is a pair of ones and three times the five", "11555"),
        ("einhunderttausendzweihundert, bitte", "100200"),
        ("one hundred of my emails were never sent", None),
        ("you took four hundred from my card", None),
    ],
)
def test_words_of_a_number_are_no_words_beside_it(said: str, number: str | None) -> None:
    assert spoken_number(said) == number
