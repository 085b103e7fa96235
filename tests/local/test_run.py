"""`python -m tests.run` says what it could not run."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from tests import run
from tests.programs import program


def test_the_consoles_tests_fail_where_their_tools_are_missing(
    tmp_path: Path,
) -> None:
    """They are never left out in silence: the run ends with 1 and says what installs the tools."""
    (web,) = (part for lane in run.lanes([]) for part in lane if part.name == "web")
    said = StringIO()

    assert run.run(web, said, tmp_path).status == 1
    assert "`make test` installs it" in said.getvalue()


def test_one_part_that_fails_fails_the_run_and_the_next_one_still_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its status is the run's; all that was said is there, lane by lane; pytest's counts are one
    sum, and other programs' words are not taken for them."""

    def part(name: str, says: str, status: int = 0, *, counted: bool = True) -> run.Part:
        return run.Part(name, ("sh", "-c", f"echo '{says}'; exit {status}"), counted=counted)

    lanes = [
        [part("stories", "3 passed, 1 rerun in 2s")],
        [part("checks", "7 errors", 4, counted=False), part("pure", "2 passed, 1 error in 1s")],
        [part("nothing chosen", "5 deselected in 0.1s", run.NO_TESTS)],
    ]
    monkeypatch.setattr(run, "lanes", lambda _: lanes)

    status = run.main([])

    said = capsys.readouterr().out
    assert status == 4
    assert [said.index(f"==> {one.name}\n") for lane in lanes for one in lane] == sorted(
        said.index(f"==> {one.name}\n") for lane in lanes for one in lane
    )
    assert " 1 error, 5 passed, 1 rerun in " in said.splitlines()[-1]


def test_a_test_whose_program_is_missing_fails_and_is_not_skipped() -> None:
    with pytest.raises(AssertionError, match="no-such-program is not installed: `make test`"):
        program("no-such-program")
