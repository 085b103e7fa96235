"""Years 1 and 9999, hours that clocks skip, and lengths of time that no call has."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from dialplans.analysis.calendar import calendar
from dialplans.analysis.mutation.mutate import mutate
from dialplans.analysis.plan_tests import run_tests
from dialplans.analysis.walk import instant, walk
from dialplans.commands import app
from dialplans.engine.call_inputs import UnknownHappeningError, happening
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.hours import next_change, schedule
from dialplans.engine.route import route, trace
from dialplans.language.load import load, load_text
from dialplans.model import Dialplan
from dialplans.model.values.times import FIRST_YEAR, LAST_YEAR, BeyondCalendarError
from dialplans.telephony.call import CallContext

OURS, EAST, WEST = "+498920001000", "+68673140000", "+15125550100"
BASE = """
version: 1
timezone: Europe/Berlin
trunks: {t: {allow: ["203.0.113.0/28"]}}
numbers:
  "+498920001000": {trunk: t, route: r}
  "+68673140000": {trunk: t, route: r, timezone: Pacific/Kiritimati}
  "+15125550100": {trunk: t, route: r, timezone: America/Los_Angeles}
hours: {h: {daily: "08:00-10:00"}}
routes:
  r:
    - {when: {hours: h}, do: {persona: p}}
    - {do: {reject: 480}}
personas: {p: {prompt: p.md, fallback: {voicemail: v}}}
voicemail: {v: {say: hallo}}
"""


def plan(more: str = "", text: str = BASE) -> Dialplan:
    loaded = load_text(text + more, others={"p.md": "You answer."})
    assert loaded.valid, loaded.report()
    assert loaded.plan is not None
    return loaded.plan


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWITCHBOARD_DIALPLAN", raising=False)
    Path("p.md").write_text("You answer.")
    Path("plan.yaml").write_text(BASE)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


NEVER = (
    "0001-01-01 00:00", "0001-01-01 00:00+14:00", "0000-01-01 00:00", "1899-12-31 23:59",
    "9001-01-01 00:00", "9999-12-31 23:59-12:00", "9999-12-31T23:59:59Z", "10000-01-01 00:00",
    "2026-02-30 00:00", "", " ", "2026-11-23", "٢٠٢٦-11-23 10:00", "2026-11-23 10:00\n",
)  # fmt: skip


@pytest.mark.parametrize("at", NEVER)
@pytest.mark.parametrize("command", ["explain", "simulate"])
def test_a_moment_at_which_nobody_can_call_is_wrong_use(file: Path, command: str, at: str) -> None:
    """Whether it does not exist or lies where nobody can reckon."""
    said = run(command, "plan.yaml", "--to", OURS, "--at", at)

    assert said.exit_code == 2
    assert isinstance(said.exception, SystemExit)
    assert len(said.stderr.splitlines()) == 1


@pytest.mark.parametrize("day", [at.strip()[:10] for at in NEVER] + ["2026-W01-1", "20261123"])
def test_a_calendar_begins_on_a_day_on_which_somebody_can_call(file: Path, day: str) -> None:
    said = run("calendar", "plan.yaml", "--from", day if day != "2026-11-23" else "2026-11-31")

    assert said.exit_code == 2
    assert isinstance(said.exception, SystemExit)
    assert len(said.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "at", ["1900-01-01 00:00+14:00", "1900-01-01 00:00", "9000-12-31 23:59-12:00"]
)
def test_the_first_and_the_last_year_are_reckoned_in_every_zone(file: Path, at: str) -> None:
    """Also a year and a year's wait after it."""
    for to in (OURS, EAST, WEST):
        said = run("explain", "plan.yaml", "--to", to, "--at", at, "--event", "wait 8784h")
        assert said.exit_code == 0, said.output

    assert run("calendar", "plan.yaml", "--from", at[:10], "--days", "366").exit_code == 0


def test_others_that_ask_are_told_with_one_exception() -> None:
    """The console's pages catch it."""
    with pytest.raises(BeyondCalendarError):
        calendar(plan(), date(9999, 12, 31), 1)
    with pytest.raises(BeyondCalendarError):
        instant(plan(), datetime(1, 1, 1, tzinfo=UTC))
    with pytest.raises(BeyondCalendarError, match=f"{FIRST_YEAR} and {LAST_YEAR}"):
        instant(plan(), "9999-12-31 23:59")


ENDS = {
    "a holiday until the end": 'holidays: {"2027-01-01..9999-12-31": closed}\n',
    "the last day": 'holidays: {"9999-12-31": "09:00-10:00"}\n',
    "the first day": 'holidays: {"0001-01-01": closed}\n',
    "from the first day on": 'holidays: {"0001-01-01..2026-11-24": closed}\n',
    "all days": 'holidays: {"0001-01-01..9999-12-31": "09:00-24:00"}\n',
    "every four years": 'holidays: {"02-29": closed, "02-27..02-29": "09:00-10:00"}\n',
    "over the new year": 'holidays: {"12-31..12-30": "09:00-10:00"}\n',
    "an override without end": 'override: {is: closed, until: "9999-12-31 23:59"}\n',
    "an override without end, by its offset": (
        'override: {is: closed, until: "9999-12-31 23:59:59-12:00"}\n'
    ),
    "an override without beginning": (
        'override: {is: open, from: "0001-01-01 00:00+14:00", until: "2026-12-01 00:00"}\n'
    ),
    "an override that is long over": 'override: {is: open, until: "0001-01-01 00:00"}\n',
    "several": (
        'override: [{is: open, until: "9999-12-31 23:59+14:00", hours: h},'
        ' {is: closed, from: "9999-12-31 00:00", until: "9999-12-31 23:59"}]\n'
    ),
}


@pytest.mark.parametrize("what", ENDS)
def test_what_holds_for_ever_can_be_written(tmp_path: Path, what: str) -> None:
    """People write it because an override must have an end. The plan is good, and every question
    about it has an answer."""
    (tmp_path / "p.md").write_text("You answer.")
    (tmp_path / "plan.yaml").write_text(BASE + ENDS[what])
    loaded = load(tmp_path / "plan.yaml")
    assert loaded.plan is not None, loaded.report()
    score = mutate(loaded, suggest=True)

    assert loaded.clean, loaded.report()
    assert score.mutants == score.killed + len(score.equal) + len(score.survived)
    assert score.survived
    for to in (OURS, EAST, WEST):
        for at in ("1900-01-01 00:00", "2026-11-23 09:00", "9000-12-31 23:59"):
            now = instant(loaded.plan, at)
            walked = walk(CompiledPlan(loaded.plan), CallContext(to), now)
            assert walked.path[0] in ("persona p", "reject 480")
        zone = ZoneInfo(loaded.plan.timezone_of(to))
        next_change(schedule(loaded.plan, "h"), instant(loaded.plan, "2026-11-23 09:00"), zone)
    assert calendar(loaded.plan, date(2026, 11, 23), 14).text()


def test_suggested_tests_of_such_a_plan_pass(tmp_path: Path) -> None:
    """They are pasted into the file that is checked next."""
    (tmp_path / "p.md").write_text("You answer.")
    for what, more in ENDS.items():
        (tmp_path / "plan.yaml").write_text(BASE + more)
        loaded = load(tmp_path / "plan.yaml")
        assert loaded.plan is not None
        suggested = mutate(loaded, suggest=True).suggested
        with_tests = loaded.plan.model_copy(update={"tests": suggested})

        assert run_tests(with_tests).failed == 0, what
        assert all(test.at.year in range(FIRST_YEAR, LAST_YEAR + 1) for test in suggested)


def test_next_change_passes_over_an_override_that_never_ends() -> None:
    """A caller asks when it opens: in a live call nothing may be raised."""
    for_ever = plan('override: {is: closed, until: "9999-12-31 23:59"}\n')
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)

    for zone in ("America/Los_Angeles", "Europe/Berlin", "Pacific/Kiritimati"):
        assert next_change(schedule(for_ever, "h"), now, ZoneInfo(zone)) is None


SKIPPED = BASE.replace('daily: "08:00-10:00"', 'daily: "02:00-03:00"')


@pytest.mark.parametrize("number", [OURS, EAST, WEST])
def test_a_time_that_the_clocks_skip_is_the_moment_after_the_jump(number: str) -> None:
    """02:30 on the last Sunday of March is 03:30 in Berlin, whoever asks and in whichever zone the
    number is."""
    there = plan(text=SKIPPED)
    now = instant(there, "2026-03-29 02:30")
    decided = route(CompiledPlan(there), CallContext(number), now)

    assert now == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert decided.local_time == now.astimezone(ZoneInfo(there.timezone_of(number))).isoformat()
    assert str(decided.action) == ("persona p" if "T02:" in decided.local_time else "reject 480")


def test_nobody_calls_at_a_time_that_the_clocks_skip() -> None:
    """Also where such a time is put together by a program, in the number's own zone."""
    there = plan(text=SKIPPED)
    never = datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    decided = route(CompiledPlan(there), CallContext(OURS), never)

    assert decided.local_time == "2026-03-29T03:30:00+02:00"
    assert str(decided.action) == "reject 480"


def test_a_time_that_comes_twice_is_the_first() -> None:
    assert instant(plan(), "2026-10-25 02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("override", "shown"),
    [
        ('from: "2026-12-01 22:00+00:00", until: "2026-12-01 23:00+00:00"', ["", "12:00-13:00"]),
        ('from: "2026-12-01 09:00Z", until: "2026-12-01 11:00Z"', ["23:00-24:00", "00:00-01:00"]),
        ('from: "2026-12-01 23:30", until: "2026-12-02 00:30"', ["23:30-24:00", "00:00-00:30"]),
        ('until: "2026-12-01 10:00+00:00"', ["00:00-24:00", ""]),
    ],
)  # fmt: skip
def test_the_calendar_shows_an_override_on_the_day_it_falls_on_there(
    override: str, shown: list[str]
) -> None:
    """The date in the file may be another day where the number is: Kiritimati is 14 hours ahead of
    UTC. `explain` and the calendar agree on every minute."""
    text = BASE.replace('daily: "08:00-10:00"', "daily: closed")
    open_ = plan(f"override: {{is: open, {override}}}\n", text)
    row = next(r for r in calendar(open_, date(2026, 12, 1), 2).rows if r.number == EAST)

    assert [", ".join(map(str, d.ranges)) for d in row.days] == shown
    assert [bool(d.note) for d in row.days] == [bool(times) for times in shown]
    zone = ZoneInfo("Pacific/Kiritimati")
    for day in row.days:
        for minute in range(0, 24 * 60, 10):
            at = datetime.combine(day.day, datetime.min.time(), zone) + timedelta(minutes=minute)
            decided = str(route(CompiledPlan(open_), CallContext(EAST), at).action)
            assert (decided == "persona p") == any(minute in r for r in day.ranges), at


def test_an_override_is_told_on_the_clock_of_the_number() -> None:
    """Its end was written with another offset."""
    closed = plan('override: {is: closed, until: "2026-12-01 23:00+00:00"}\n')
    now = instant(closed, "2026-12-01 22:30+00:00")

    ready, call = CompiledPlan(closed), CallContext(EAST)
    said = trace(ready, call, route(ready, call, now))[0].because

    assert "until 2026-12-02 13:00" in said


@pytest.mark.parametrize(
    "wait", ["8784h1ms", "999999h", "999999m999999m", "999999h" * 60, "366h" * 25]
)
def test_no_call_waits_longer_than_a_year(wait: str) -> None:
    with pytest.raises(UnknownHappeningError, match="longer than a year"):
        happening(f"wait {wait}")


def test_many_long_waits_end_at_the_end_of_the_calendar() -> None:
    """Whatever falls due has happened by then, and the clock stands."""
    text = BASE.replace("{persona: p}", "{queue: q}") + (
        "queues: {q: {overflow: [{after: 366d, do: {menu: m}}]}}\n"
        'menus: {m: {say: hi, keys: {"1": {queue: q}}, timeout: 366d, else: {voicemail: v}}}\n'
    )
    waiting = plan(text=text)
    events = ["wait 8784h"] * 2000
    now = instant(waiting, "9000-12-31 09:00")
    ready = CompiledPlan(waiting)
    walked = walk(ready, CallContext(OURS), now, events=events)
    again = walk(ready, CallContext(OURS), now, events=["wait 8784h", "key 1"] * 1000)

    assert walked.path == ("queue q", "menu m", "voicemail v")
    assert walked.state is not None
    assert walked.state.over
    assert again.state is not None
    assert again.path[:3] == ("queue q", "menu m", "queue q")


def test_hours_that_only_an_override_opens_are_a_switch() -> None:
    """No warning, neither for the hours nor for the rule that asks for them; hours that nothing
    ever opens still have one."""
    switch = "override: {is: open, hours: %s, until: '2027-01-01 00:00'}\n"
    closed = BASE.replace('h: {daily: "08:00-10:00"}', "h: {daily: closed}, g: {daily: closed}")

    def codes(more: str) -> list[str]:
        loaded = load_text(closed + more, others={"p.md": "You answer."})
        return sorted(p.code for p in loaded.problems if p.severity == "warning")

    assert codes("") == ["W_HOURS_NEVER", "W_HOURS_NEVER", "W_NEVER"]
    assert codes(switch % "h") == ["W_HOURS_NEVER"]
    assert codes(switch % "[h, g]") == []
    assert codes((switch % "h").replace("open", "closed")) == ["W_HOURS_NEVER", "W_HOURS_NEVER"]
