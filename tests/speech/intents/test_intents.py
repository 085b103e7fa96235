from __future__ import annotations

from pathlib import Path

import pytest

from agents.speech.intents.intents import (
    IntentFileError,
    common_intents,
    load_intents,
    parse_intents,
)


def test_common_intents_come_with_every_file_and_may_be_replaced() -> None:
    """A persona says person, yes and goodbye in its own way where it wants to."""
    own = parse_intents("intents: {thanks: {say: {en: Sure.}, examples: {en: [ta]}}}")

    assert own.intents["thanks"].say == {"en": "Sure."}
    assert own.intents["person"] == common_intents().intents["person"]


def test_every_problem_is_told_at_once_with_its_place() -> None:
    """Nobody mends a file one error at a time."""
    text = """
    intents:
      nothing: {examples: {en: [hello]}}
      slotted: {slot: digits, tool: t}
      keyed: {say: {en: a}, key: "12", examples: {en: [a]}}
    """
    with pytest.raises(IntentFileError) as refused:
        parse_intents(text, "reception.intents.yaml")

    places = [problem.partition(":")[0] for problem in refused.value.problems]
    assert places == ["intents.nothing", "intents.slotted", "intents.keyed.key"]
    assert "reception.intents.yaml" in str(refused.value)


def test_a_key_means_one_thing() -> None:
    """Two intents on one key are refused, common ones included: 0 is always a person."""
    with pytest.raises(IntentFileError, match="key 0 already means"):
        parse_intents('intents: {mine: {tool: t, key: "0", examples: {en: [a]}}}')


def test_a_key_names_its_intent() -> None:
    """DTMF is an alternative to saying it."""
    own = parse_intents('intents: {mine: {tool: t, key: "7", examples: {en: [a]}}}')

    assert own.for_key("7") == "mine"
    assert own.for_key("0") == "person"
    assert own.for_key("8") is None


def test_an_intent_is_possible_with_its_tool_or_a_sentence() -> None:
    """`say` beside a tool is for personas without it."""
    own = parse_intents(
        "intents: {a: {tool: t, examples: {en: [x]}}, b: {tool: t, say: {en: No.}, "
        "examples: {en: [y]}}}"
    ).intents

    assert [own["a"].possible({"t"}), own["a"].possible(set()), own["b"].possible(set())] == [
        True,
        False,
        True,
    ]


def test_the_digest_changes_with_the_examples() -> None:
    """The speech process must learn a changed file, and an unchanged one only once."""
    one = parse_intents("intents: {a: {tool: t, examples: {en: [x]}}}")
    same = parse_intents("intents: {a: {tool: t, examples: {en: [x]}}}")
    other = parse_intents("intents: {a: {tool: t, examples: {en: [x, y]}}}")

    assert one.digest == same.digest
    assert one.digest != other.digest


@pytest.mark.parametrize("text", ["intents: [", "intents: 3", "- a"])
def test_what_is_no_intents_file_is_refused(text: str) -> None:
    """Broken YAML and other shapes alike, by the one error."""
    with pytest.raises(IntentFileError):
        parse_intents(text)


def test_a_missing_file_is_the_same_error(tmp_path: Path) -> None:
    """Whoever loads has one thing to catch."""
    with pytest.raises(IntentFileError, match="No such file"):
        load_intents(tmp_path / "none.yaml")
