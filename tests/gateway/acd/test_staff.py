"""`switchboard staff` says how many people a queue needs, and refuses what makes no sense."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from gateway.acd.commands import app

LOAD = ("--calls-per-hour", "200", "--handle", "3m")


def test_a_table_around_the_answer() -> None:
    done = CliRunner().invoke(app, [*LOAD, "--shrinkage", "30"])
    rows = [line.split() for line in done.output.splitlines()]

    assert done.exit_code == 0
    assert [row[:2] for row in rows[1:-1]] == [
        ["12", "64.0%"],
        ["13", "79.6%"],
        ["14", "88.8%"],
        ["15", "94.1%"],
        ["16", "97.1%"],
    ]
    assert rows[-1][0] == "14"
    assert "20 on the roster" in done.output


def test_the_same_for_programs() -> None:
    done = CliRunner().invoke(app, [*LOAD, "--patience", "1m", "--target", "90/10s", "--json"])
    found = json.loads(done.output)

    assert (found["people"], found["rostered"], found["erlangs"]) == (14, 14, 10)
    assert 0 < found["gave_up"] < 0.05


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--target", "100/20"), "per cent / seconds"),
        (("--target", "80"), "per cent / seconds"),
        (("--target", "nan/20"), "per cent / seconds"),
        (("--target", "80/-1"), "per cent / seconds"),
        (("--patience", "60"), "not a length of time"),
        (("--calls-per-hour", "0"), "0.01"),
        (("--calls-per-hour", "1000000"), "not even 10,000 people"),
        (("--shrinkage", "100"), "95"),
    ],
)
def test_what_makes_no_sense_is_refused(options: tuple[str, ...], why: str) -> None:
    done = CliRunner().invoke(app, [*LOAD, *options])

    assert done.exit_code == 2
    assert why in " ".join(done.output.split())
