"""The question that waits for yes or no, found in what was said last."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("replies.yaml")
_EARLY = 3
"""Among so many first words of a clause a question word stands, if it is one."""


@cache
def _read() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def _expressions(name: str) -> list[str]:
    """One a line: YAML would want each of them quoted."""
    return [line for line in str(_read()[name]).splitlines() if line]


@cache
def starts(name: str) -> re.Pattern[str]:
    """One of the file's expressions, to be matched where a word ends behind it."""
    return re.compile(rf"(?:{'|'.join(_expressions(name))})(?![\w'])")


@cache
def anywhere(name: str) -> re.Pattern[str]:
    """One of the file's expressions, wherever it is; it names its own edges."""
    return re.compile("|".join(_expressions(name)))


@cache
def words(name: str) -> frozenset[str]:
    return frozenset(_read()[name].split())


@cache
def contraries() -> list[tuple[frozenset[str], frozenset[str]]]:
    return [(frozenset(a.split()), frozenset(b.split())) for a, b in _read()["contrary"]]


def asks(text: str) -> str:
    """The question in it that wants yes or no, or "" if there is none: the last one, since what
    stands before it is what the caller was told."""
    questions = [one for one in _sentences(text) if one.endswith("?")]
    return questions[-1] if questions and _polar(questions[-1]) else ""


def asks_for_more(question: str) -> bool:
    """Whether the question is if there is anything else: who says no to it is done."""
    return bool(anywhere("more").search(question.lower()))


def offers(question: str) -> bool:
    """Whether it can be accepted: "shall I send it?", and not "is it green?"."""
    return bool(starts("offer").match(_asked(question)))


def asks_for_the_same(question: str) -> bool:
    """Whether yes means that nothing has changed: "is it still slow?", not "does it work now?"."""
    return bool(anywhere("still").search(_asked(question)))


def echo(question: str) -> set[str]:
    """The words of a question that say what it asks: green, works, langsam."""
    said = set(re.findall(r"\w+", _asked(question))) - words("common")
    return said | {f"{word}s" for word in said} | {f"{word}ing" for word in said}


def _asked(question: str) -> str:
    """In lower case, without what the caller was told before it."""
    return (asks(question) or question).lower()


def _sentences(text: str) -> list[str]:
    return [one.strip() for one in re.findall(r"[^.!?]+[.!?]?", text) if one.strip()]


def _polar(sentence: str) -> bool:
    lowered = sentence.lower()
    if {"or", "oder"} & set(re.findall(r"\w+", lowered)) or anywhere("plea").search(lowered):
        return False
    heads = (re.findall(r"[\w']+", part)[:_EARLY] for part in lowered.split(","))
    return not any(words("wh") & set(head) for head in heads)
