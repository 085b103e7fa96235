"""`python -m tests.run` says what it could not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import run
from tests.programs import program


def test_the_consoles_tests_fail_where_their_tools_are_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are never left out in silence: the run ends with 1 and says what installs the tools."""
    status = run.web(tmp_path)

    assert status == 1
    assert "`make test` installs it" in capsys.readouterr().out


def test_a_test_whose_program_is_missing_fails_and_is_not_skipped() -> None:
    with pytest.raises(AssertionError, match="no-such-program is not installed: `make test`"):
        program("no-such-program")
