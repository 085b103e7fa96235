"""Every plan in the tables of `broken/` is reported exactly as the table says."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dialplans.commands import app
from dialplans.language.codes import CODES
from dialplans.language.problems import LINE_BREAK
from tests.dialplans.broken_plans import BROKEN, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("broken")
    write(found)
    return found


@pytest.fixture(autouse=True)
def _in_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_reported_word_for_word(name: str) -> None:
    """`check` prints all problems, each with place, code, source line, caret and suggestion."""
    said = CliRunner().invoke(app, ["check", name])

    assert BROKEN[name].said == said.stdout
    assert said.exit_code == 1


@pytest.mark.parametrize("name", BROKEN)
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
    """A code that no plan shows would be a promise that nobody has seen kept."""
    shown = " ".join(broken.said for broken in BROKEN.values())
    unseen = {code for code in CODES if f" {code} " not in shown}
    unseen.discard("W_VOICE")  # of the machine, not of the plan: see test_voices
    unseen.discard("W_LEG")  # of what runs, not of the plan: see test_leg_capabilities
    unseen.discard("E_FILE")  # the plan itself cannot be opened: wrong use, see test_commands

    assert len(BROKEN) >= 60
    assert unseen == set()


def test_the_file_they_are_all_made_from_is_clean() -> None:
    """Each broken plan differs from this one by what is wrong with it."""
    said = CliRunner().invoke(app, ["check", "valid.yaml"])

    assert said.exit_code == 0
    assert said.stdout.startswith("valid.yaml: no problems, revision ")
