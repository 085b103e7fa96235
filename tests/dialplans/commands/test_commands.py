"""The commands: what they print, what programs get, and how they end."""

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from dialplans.commands import app
from dialplans.language.load import load
from tests.dialplans.broken_plans import VALID

OPEN = """
lists: {vip: ["+4989123456"]}
tests:
  - {name: day, to: "+498920001000", at: "2026-11-23 10:00", expect: persona ann}
"""


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clean plan with one test, in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWITCHBOARD_DIALPLAN", raising=False)
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "ann.md").write_text("You are Ann.")
    path = tmp_path / "plan.yaml"
    path.write_text(VALID + OPEN)
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def document(*words: str) -> object:
    return json.loads(run(*words, "--json").stdout)


def test_a_file_that_is_not_there_is_wrong_use(plan: Path) -> None:
    """Exit 2 and one line that says which, for every command that reads a plan."""
    for command in ("check", "test", "mutate", "calendar", "graph", "fmt", "simulate"):
        said = run(command, "nowhere.yaml")

        assert (command, said.exit_code) == (command, 2)
        assert "nowhere.yaml" in said.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--nonsense"),
        ("nonsense",),
        ("explain", "plan.yaml"),
        ("explain", "plan.yaml", "--to", "+498920001000", "--at", "soon"),
        ("explain", "plan.yaml", "--to", "+498920001000", "--header", "no colon"),
        ("explain", "plan.yaml", "--to", "+498920001000", "--event", "explode"),
        ("calendar", "plan.yaml", "--days", "0"),
        ("diff", "plan.yaml"),
        ("diff", "plan.yaml", "plan.yaml", "--replay", "nowhere.csv"),
    ],
)
def test_wrong_use_ends_with_2(plan: Path, words: tuple[str, ...]) -> None:
    """And changes nothing."""
    assert run(*words).exit_code == 2


def test_the_plan_in_force_is_the_default(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named by the environment that `switchboard up` sets."""
    monkeypatch.setenv("SWITCHBOARD_DIALPLAN", str(plan))

    assert f"{plan}: 1 note, revision " in run("check").stdout


def test_explain_says_where_and_why(plan: Path) -> None:
    """To be read aloud; `at` is in the plan's time zone, national numbers are understood."""
    said = run(
        "explain", "plan.yaml", "--to", "089 20001000", "--from", "0170 1234567",
        "--at", "2026-11-23 10:00",
    )  # fmt: skip

    assert said.exit_code == 0
    assert "+491701234567 calls +498920001000 on Monday 2026-11-23 10:00" in said.stdout
    assert "The call goes to persona ann." in said.stdout


def test_explain_for_programs_has_the_promised_keys(plan: Path) -> None:
    """Decision, path, steps, local time, the revision that check names, and no refusal."""
    found = document("explain", "plan.yaml", "--to", "+498920001000", "--at", "2026-11-23 10:00")

    assert isinstance(found, dict)
    assert found["decision"] == {"kind": "persona", "name": "ann"}
    assert found["path"] == ["persona ann"]
    assert set(found["steps"][0]) == {"rule", "matched", "because"}
    assert found["local_time"] == "2026-11-23T10:00:00+01:00"
    assert found["revision"] == load(plan).revision
    assert found["refused"] is None


def test_explain_follows_events(plan: Path) -> None:
    """Each `--event` happens after the one before it."""
    found = document(
        "explain", "plan.yaml", "--to", "+498920001000", "--at", "2026-11-23 10:00",
        "--event", "persona_failed",
    )  # fmt: skip

    assert isinstance(found, dict)
    assert found["path"] == ["persona ann", "voicemail box"]


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("--to", "+498920001001"), 404, "no_such_number"),
        (("--to", "+498920001000", "--address", "192.0.2.7"), 403, "address_not_allowed"),
    ],
)
def test_explain_says_that_a_call_would_be_refused(
    plan: Path, words: tuple[str, ...], code: int, reason: str
) -> None:
    """With the SIP code and the reason that the record would have; that is no problem: exit 0."""
    found = document("explain", "plan.yaml", *words)
    said = run("explain", "plan.yaml", *words)

    assert isinstance(found, dict)
    assert found["refused"] == {"code": code, "reason": reason}
    assert said.exit_code == 0
    assert f"would be refused, {code}, because" in said.stdout


def test_a_number_that_is_not_ours_brings_the_nearest(plan: Path) -> None:
    """A digit too many or too few is the usual reason."""
    assert "+498920001000" in run("explain", "plan.yaml", "--to", "+498920001001").stdout


def test_tests_pass_or_fail_by_exit_code(plan: Path) -> None:
    """A failing test shows what was expected, what came, and the trace."""
    assert run("test", "plan.yaml").exit_code == 0

    plan.write_text((VALID + OPEN).replace("expect: persona ann", "expect: voicemail box"))
    said = run("test", "plan.yaml")
    found = document("test", "plan.yaml")

    assert said.exit_code == 1
    assert "expected  voicemail box" in said.stdout
    assert "got       persona ann" in said.stdout
    assert isinstance(found, dict)
    assert (found["passed"], found["failed"], len(found["tests"])) == (0, 1, 1)


def test_tests_run_although_prompts_are_missing(plan: Path) -> None:
    """The plan says where calls go without them; a line on standard error says what is wrong."""
    (plan.parent / "prompts" / "ann.md").unlink()
    said = run("test", "plan.yaml")

    assert said.exit_code == 0
    assert "1 error" in said.stderr


def test_junit_is_written_for_continuous_integration(plan: Path) -> None:
    """One test case each."""
    run("test", "plan.yaml", "--junit", "report.xml")

    assert '<testsuite name="plan.yaml" tests="1" failures="0"' in Path("report.xml").read_text()


def test_a_plan_that_cannot_be_built_is_explained_with_its_problems(plan: Path) -> None:
    """Also for programs; exit 1."""
    plan.write_text(VALID.replace("version: 1", "version: 2"))

    for command in ("test", "mutate", "graph", "calendar"):
        said = run(command, "plan.yaml", "--json")
        assert said.exit_code == 1
        assert json.loads(said.stdout)["problems"][0]["code"] == "E_VALUE"


def test_mutate_names_what_no_test_notices_and_suggests_tests_for_it(plan: Path) -> None:
    """Every mutant is killed, equal, or named with file and line; unnoticed ones end with 1."""
    found = document("mutate", "plan.yaml", "--suggest")

    assert isinstance(found, dict)
    assert found["mutants"] == found["killed"] + found["equal"] + len(found["survived"])
    assert all(set(s) >= {"file", "line", "what"} for s in found["survived"])
    assert run("mutate", "plan.yaml").exit_code == (1 if found["survived"] else 0)


def test_diff_says_what_changes_and_which_calls_move(plan: Path) -> None:
    """From a file of past calls."""
    new = plan.with_name("new.yaml")
    new.write_text(
        (VALID + OPEN).replace(
            "    - {do:", "    - {when: {caller: vip}, do: {say: Hi}}\n    - {do:"
        )
    )
    Path("calls.csv").write_text(
        "to,from,at\n+498920001000,+4989123456,2026-11-23 10:00\n+498920001000,,2026-11-23 10:00\n"
    )
    found = document("diff", "plan.yaml", "new.yaml", "--replay", "calls.csv")
    said = run("diff", "plan.yaml", "new.yaml", "--replay", "calls.csv")

    assert isinstance(found, dict)
    assert (found["replayed"], found["moved"]) == (2, 1)
    assert found["changes"]
    assert said.exit_code == 1
    assert "1 of 2 calls would go elsewhere" in said.stdout


def test_calendar_and_graph_draw_the_plan(plan: Path) -> None:
    """For people and for programs."""
    assert "+498920001000" in run("calendar", "plan.yaml", "--days", "3").stdout
    assert document("calendar", "plan.yaml", "--days", "3")
    assert run("graph", "plan.yaml").stdout.startswith(("flowchart", "graph"))
    assert "digraph" in run("graph", "plan.yaml", "--format", "dot").stdout
    assert document("graph", "plan.yaml")


def test_fmt_rewrites_the_file_once(plan: Path) -> None:
    """In place, keeping its permissions; a second time there is nothing to do."""
    plan.write_text("# head\n" + VALID.replace("version: 1", "version:    1   # one"))
    plan.chmod(0o640)

    assert run("fmt", "plan.yaml", "--check").exit_code == 1
    assert run("fmt", "plan.yaml").stdout == "plan.yaml: formatted\n"
    assert plan.read_text().startswith("# head\nversion: 1  # one\n")
    assert plan.stat().st_mode & 0o777 == 0o640
    assert run("fmt", "plan.yaml", "--check").exit_code == 0
    assert sorted(p.name for p in plan.parent.iterdir()) == ["plan.yaml", "prompts"]


def test_fmt_leaves_a_file_that_is_not_yaml_alone(plan: Path) -> None:
    """And says what is wrong with it."""
    plan.write_text("a: [b\n")
    said = run("fmt", "plan.yaml")

    assert said.exit_code == 1
    assert "E_YAML" in said.stderr
    assert plan.read_text() == "a: [b\n"


def test_schema_prints_a_draft_07_schema(plan: Path) -> None:
    """To standard output or into a file."""
    jsonschema.Draft7Validator.check_schema(json.loads(run("schema").stdout))

    assert run("schema", "-o", "s.json").exit_code == 0
    assert Path("s.json").read_text() == run("schema").stdout


def test_simulate_walks_through_the_live_engine(plan: Path) -> None:
    """Each line of input is something that happens to the call."""
    said = CliRunner().invoke(
        app, ["simulate", "plan.yaml", "--at", "2026-11-23 10:00"], input="persona_failed\n"
    )

    assert said.exit_code == 0
    assert "voicemail box" in said.stdout


def test_history_without_a_running_system_says_so(
    plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, without the password that may be in the address."""
    monkeypatch.setenv("SWITCHBOARD_REDIS_URL", "redis://:hush@127.0.0.1:1/0")
    said = run("history")

    assert said.exit_code == 1
    assert said.stderr == "switchboard: Redis does not answer at 127.0.0.1:1/0; is the system up?\n"
