"""The domain's words as the console has them."""

from __future__ import annotations

from pathlib import Path

from gateway.cli.console_words import render

FILE = Path(__file__).parents[3] / "web" / "src" / "api" / "words.ts"


def test_the_consoles_words_are_those_of_the_code() -> None:
    """Else: `python -m gateway.cli.console_words > web/src/api/words.ts`, and the compiler names
    every word that has no translation yet."""
    assert FILE.read_text("utf-8") == render()
