"""Every file in `broken/` is reported exactly as the text beside it says."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dialplans.commands import app
from dialplans.language.codes import CODES
from dialplans.language.problems import LINE_BREAK

FOLDER = Path(__file__).parents[1] / "broken"
FILES = sorted(p.name for p in FOLDER.glob("*.yaml") if p.name != "valid.yaml")


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_reported_word_for_word(name: str) -> None:
    """`check` prints all problems, each with place, code, source line, caret and suggestion."""
    said = CliRunner().invoke(app, ["check", name])

    assert Path(name).with_suffix(".txt").read_text() == said.stdout
    assert said.exit_code == 1


@pytest.mark.parametrize("name", FILES)
def test_a_program_gets_the_same_problems_at_places_that_exist(name: str) -> None:
    """`check --json` has the promised keys, and each place is within its file."""
    said = CliRunner().invoke(app, ["check", name, "--json"])

    found = json.loads(said.stdout)
    assert said.exit_code == 1
    assert found
    for problem in found:
        assert list(problem) == [
            "file",
            "line",
            "column",
            "code",
            "severity",
            "message",
            "suggestion",
        ]
        assert problem["severity"] == CODES[problem["code"]].severity
        text = Path(problem["file"]).read_text(encoding="utf-8", errors="replace")
        line = LINE_BREAK.split(text)[problem["line"] - 1]
        assert 1 <= problem["column"] <= len(line) + 1


def test_there_are_at_least_sixty_of_them_and_they_know_every_code() -> None:
    """A code that no file shows would be a promise that nobody has seen kept."""
    shown = " ".join(p.read_text() for p in FOLDER.glob("*.txt"))
    unseen = {code for code in CODES if f" {code} " not in shown}
    unseen.discard("W_VOICE")  # of the machine, not of the plan: see test_voices
    unseen.discard("W_LEG")  # of what runs, not of the plan: see test_legs
    unseen.discard("E_FILE")  # the plan itself cannot be opened: wrong use, see test_commands

    assert len(FILES) >= 60
    assert unseen == set()


def test_the_file_they_are_all_made_from_is_clean() -> None:
    """Each broken file differs from this one by what is wrong with it."""
    said = CliRunner().invoke(app, ["check", "valid.yaml"])

    assert said.exit_code == 0
    assert said.stdout.startswith("valid.yaml: no problems, revision ")
