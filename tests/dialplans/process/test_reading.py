"""Files that somebody names: how much of them is read, and what is said of those that are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dialplans.commands import app
from dialplans.language.fmt import UnformattableError, format_text
from dialplans.language.load import load, load_text
from dialplans.language.yaml_tree import MAX_BYTES
from dialplans.process.writing import UnwritableError, write_text
from tests.dialplans.broken_plans import VALID
from tests.dialplans.plans import edited

OURS = "+498920001000"


def padded(text: str, size: int, letter: str = "#") -> str:
    """Made larger by a comment; `size` is in bytes."""
    room = size - len(text.encode()) - 2
    pad = letter * (room // len(letter.encode()))
    comment = f"#{pad}{'#' * (room - len(pad.encode()))}\n"
    return text + comment


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWITCHBOARD_DIALPLAN", raising=False)
    Path("prompts").mkdir()
    Path("prompts/ann.md").write_text("You are Ann.")
    Path("plan.yaml").write_text(VALID)
    return tmp_path


def run(*words: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


@pytest.mark.parametrize("letter", ["#", "ü", "漢", "🙂"])
def test_a_plan_may_have_two_mebibytes_and_not_a_byte_more(folder: Path, letter: str) -> None:
    """Bytes are counted, whatever the characters are, and nothing is cut: on the disk, in memory,
    and by `fmt`."""
    fits, longer = padded(VALID, MAX_BYTES, letter), padded(VALID, MAX_BYTES + 1, letter)
    for text, expected in ((fits, []), (longer, ["E_TOO_LARGE"])):
        Path("plan.yaml").write_text(text)
        in_memory = load_text(text, others={"prompts/ann.md": "You are Ann."})
        for loaded in (load("plan.yaml"), load_text(text, "plan.yaml"), in_memory):
            assert [p.code for p in loaded.problems] == expected
            assert (loaded.plan is None) == bool(expected)

    assert len(fits.encode()) == MAX_BYTES
    assert load("plan.yaml").problems[0].place == ("plan.yaml", 1, 1)
    assert run("fmt", "plan.yaml").exit_code == 1
    assert Path("plan.yaml").read_text() == longer
    with pytest.raises(UnformattableError):
        format_text(longer, "plan.yaml")


def test_included_files_count_together(folder: Path) -> None:
    """The include that goes beyond is named; what was read before it is not at fault."""
    half = MAX_BYTES // 2
    Path("one.yaml").write_text(padded("lists: {a: [anonymous]}\n", half, "é"))
    Path("two.yaml").write_text(padded("lists: {b: [anonymous]}\n", half, "é"))
    Path("plan.yaml").write_text("include: [one.yaml, two.yaml]\n" + VALID)

    problems = load("plan.yaml").problems

    assert [(p.code, p.place.line, p.place.column) for p in problems] == [("E_TOO_LARGE", 1, 21)]
    assert "two.yaml" in problems[0].message


def test_prompts_have_a_size_each_and_together(folder: Path) -> None:
    """They are kept in memory and stored with each revision."""
    each = "personas:\n"
    for n in range(6):
        each += f"  p{n}: {{prompt: prompts/{n}.md, fallback: {{voicemail: box}}}}\n"
        Path(f"prompts/{n}.md").write_text("é" * (3 * MAX_BYTES // 8))
    Path("plan.yaml").write_text(edited(VALID, "personas:\n", each))
    together = [p for p in load("plan.yaml").problems if p.severity == "error"]
    Path("prompts/ann.md").write_text("é" * (MAX_BYTES // 2 + 1))
    Path("plan.yaml").write_text(VALID)
    one = [p for p in load("plan.yaml").problems if p.severity == "error"]

    assert [(p.code, p.place.line) for p in together] == [("E_TOO_LARGE", together[0].place.line)]
    assert "prompts/5.md" in together[0].message
    assert [p.code for p in one] == ["E_TOO_LARGE"]
    assert "prompts/ann.md" in one[0].message


def test_a_dash_is_standard_input(folder: Path) -> None:
    """So that what another program says can be checked without a file; files that the plan names
    are beside it."""
    good = run("check", "-", stdin=VALID.encode())
    bad = run("check", "-", stdin=b"\xff\xfe\0")
    large = run("check", "-", stdin=b"#" * (MAX_BYTES + 1))
    formatted = run("fmt", "-", stdin=b"version:   1\n")
    differs = run("diff", "plan.yaml", "-", stdin=VALID.replace("60s", "61s").encode())

    assert (good.exit_code, good.stdout[:20]) == (0, "-: no problems, revi")
    assert (bad.exit_code, bad.stdout.splitlines()[0]) == (
        1,
        "-:1:1: E_ENCODING byte 0xff is not UTF-8",
    )
    assert "E_TOO_LARGE" in large.stdout
    assert (formatted.exit_code, formatted.stdout) == (0, "version: 1\n")
    assert (differs.exit_code, "60s → 61s" in differs.stdout) == (1, True)
    assert run("diff", "-", "-").exit_code == 2
    assert run("simulate", "-").exit_code == 2


def test_two_plans_that_mean_the_same_end_with_0(folder: Path) -> None:
    """However they are written; a pipeline can tell by the status alone."""
    Path("other.yaml").write_text("# a comment\n" + VALID.replace("60s", "1m"))
    Path("changed.yaml").write_text(VALID.replace("60s", "2m"))

    assert run("diff", "plan.yaml", "other.yaml").exit_code == 0
    assert run("diff", "plan.yaml", "changed.yaml").exit_code == 1
    assert run("diff", "plan.yaml", "changed.yaml", "--json").exit_code == 1


CALLS = {
    b"": "no column 'to'",
    b"\n\n": "no column 'to'",
    b"+498920001000,+441,2026-11-23 10:00\n": "no column 'to'",
    b"to,from,at\n\0,1,2026-11-23 10:00\n": "line 2 holds a NUL byte",
    b"\x7fELF\x02\x01\x01\0\0": "line 1 holds a NUL byte",
    b"to,from,at\n+4989,\xff,2026-11-23 10:00\n": "line 2 is not UTF-8: byte 0xff",
    b"to,from,at\n" + b"x" * 300_000: "line 2 is longer than 262144 bytes",
    b'to,from,at\n"' + b"x" * 140_000 + b'",1,2026-11-23 10:00\n': "line 2 is not CSV",
    b'to,from,at\n"' + b"x\n" * 200_000: "is not CSV",
    b"to,from,at\n+498920001000,1,9999-12-31 23:59-12:00\n": "not between the years",
    b"to,from,at\n+498920001000,1,0001-01-01 00:00+14:00\n": "not between the years",
    b"to,from,at\n+498920001000,1,2026-11-23 25:00\n": "is not a date and time",
    b"to,from,at\n+498920001000\n": "a call needs to and at",
    b"to,from,at\rx,y,z\r": "line 1 is not CSV",
}


@pytest.mark.parametrize("calls", CALLS, ids=CALLS.values())
def test_calls_that_cannot_be_replayed_are_wrong_use(folder: Path, calls: bytes) -> None:
    """With the line that is at fault; no more of a file is kept than a line."""
    Path("calls.csv").write_bytes(calls)

    said = run("diff", "plan.yaml", "plan.yaml", "--replay", "calls.csv")

    assert said.exit_code == 2
    assert isinstance(said.exception, SystemExit)
    assert "calls.csv" in said.stderr
    assert CALLS[calls] in said.stderr


def test_calls_are_read_from_a_pipe_if_that_is_said(folder: Path) -> None:
    """With the mark that some programs put before UTF-8, too."""
    calls = f"\ufeffto,from,at\r\n{OURS},+441,2026-11-23 10:00\r\n".encode()
    said = run("diff", "plan.yaml", "plan.yaml", "--replay", "-", stdin=calls)

    assert (said.exit_code, "0 of 1 calls" in said.stdout) == (0, True)


@pytest.mark.parametrize("typed", [b"\0\n", b"\xff\n", b"x" * 300_000])
def test_what_nobody_can_type_ends_a_simulation(folder: Path, typed: bytes) -> None:
    said = run("simulate", "plan.yaml", "--at", "2026-11-23 10:00", stdin=typed)

    assert said.exit_code == 2
    assert "standard input: line 1" in said.stderr


def test_what_a_terminal_would_obey_is_written_out(folder: Path) -> None:
    """A problem is one line, whatever is in the plan, in a name or in an argument."""
    action = '{persona: "a\\e[2J\\nb"}'
    Path("plan.yaml").write_text(edited(VALID, "{persona: ann}", action))
    Path("pl\x1b[2Jan.yaml").write_text("a: 1")
    said = [
        run("check", "plan.yaml"),
        run("check", "pl\x1b[2Jan.yaml"),
        run("check", "nowhere\x1b[2J\n.yaml"),
        run("check", "nowhere\udcff.yaml"),
        run("check", "pl\x1b[2Jan.yaml", "--json"),
        run("explain", "plan.yaml", "--to", "\x1b[2J\u202e"),
    ]

    assert "plan.yaml:7:22: E_NAME 'a\\x1b[2J\\nb' is not a name" in said[0].stdout.splitlines()
    assert [r.exit_code for r in said] == [1, 1, 2, 2, 1, 1]
    assert [c for r in said for c in r.output if not (c.isprintable() or c == "\n")] == []


def test_a_header_of_a_call_does_not_reach_the_terminal_either(folder: Path) -> None:
    Path("plan.yaml").write_text(
        edited(
            VALID, "    - {do", '    - {when: {header: {X-A: "b"}}, do: {reject: 603}}\n    - {do'
        )
    )
    said = run("explain", "plan.yaml", "--to", OURS, "--header", "X-A: \x1b]0;title\x07")

    assert said.exit_code == 0
    assert "\\x1b]0;title\\x07" in said.stdout
    assert "\x1b" not in said.output


def test_a_pipe_with_a_reader_is_written_to(folder: Path) -> None:
    """As a shell's `>(…)` is one; without a reader nobody waits."""
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(Path("pipe"), "hello")
        got = os.read(reader, 100)
    finally:
        os.close(reader)

    assert got == b"hello"
    with pytest.raises(UnwritableError, match="nobody reads"):
        write_text(Path("pipe"), "hello")


def test_fmt_leaves_a_file_alone_that_it_cannot_replace(folder: Path) -> None:
    """A name that is too long for the copy beside it."""
    name = "x" * 250 + ".yaml"
    Path(name).write_text("version:   1\n")
    said = run("fmt", name)

    assert said.exit_code == 2
    assert "cannot be written" in said.stderr
    assert Path(name).read_text() == "version:   1\n"
