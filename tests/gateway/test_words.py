"""Whatever ends or refuses a call has words for people, in every language of the console."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from dialplans.contracts import events as ev
from dialplans.contracts.causes import EndCause, RefusalReason

WORDS = Path("web/src/words")
SOURCES = ("agents", "sip/bridge", "gateway", "dialplans")


def in_the_code(pattern: str) -> set[str]:
    """What the pattern's one group finds in our own sources."""
    files: Iterable[Path] = (file for top in SOURCES for file in Path(top).rglob("*.py"))
    return {word for file in files for word in re.findall(pattern, file.read_text("utf-8"))}


def listed(text: str) -> set[str]:
    """Words in the sentence of a docstring that begins with a name and a colon or `e.g.`."""
    sentence = re.split(r"\.\s|\.$", re.split(r"`cause`:|e\.g\.", text, maxsplit=1)[1])[0]
    return set(re.findall(r"[a-z]+(?:_[a-z]+)*", sentence))


def block(language: str, name: str) -> set[str]:
    """The keys of one table of the console's book."""
    book = (WORDS / f"{language}.pages.ts").read_text("utf-8")
    table = rf"^  {name}: (?:named<\w+>\()?{{\n(.*?)^  }}"
    found = re.search(table, book, re.MULTILINE | re.DOTALL)
    assert found is not None
    return set(re.findall(r"^    ([a-z_]+):", found[1], re.MULTILINE))


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_cause_has_words(language: str) -> None:
    """All that there are, those of the event's description, and those that the code writes."""
    causes = set(EndCause) | listed(ev.Ended.__doc__ or "") | in_the_code(r'cause="([a-z_]+)"')
    causes |= in_the_code(r'Ending\(\s*"([a-z_]+)"')

    assert len(causes) > 10
    assert causes - block(language, "causes") == set()


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_refusal_has_words(language: str) -> None:
    """All that there are, and those that the code gives."""
    reasons = set(RefusalReason) | in_the_code(r'Refus(?:al|edError)\(\s*[0-9]+,\s*"([a-z_]+)"')

    assert len(reasons) > 12
    assert reasons - block(language, "refusedBecause") == set()
