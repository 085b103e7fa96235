"""From files to a plan: includes, inheritance, defaults, and the revision."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialplans.language.fmt import format_text
from dialplans.language.load import load, load_text
from dialplans.model import ToVoicemail
from dialplans.model.actions import KINDS, PARTS, Act, action

BASE = """\
version: 1
timezone: Europe/Berlin
trunks: {carrier: {allow: ["203.0.113.0/28"], outbound: sip.carrier.example}}
numbers: {"+498920001000": {trunk: carrier, language: de, route: front}}
hours: {office: {mon-fri: "08:30-18:00"}}
routes:
  front:
    - {when: {hours: office, is: closed}, do: {voicemail: box}}
    - {do: {persona: ann}}
personas:
  ann: {prompt: ann.md, voice: anna, fallback: {voicemail: box}}
voicemail: {box: {max: 60s}}
"""
PROMPTS = {"ann.md": "You are Ann."}


def revision(text: str, **more: str) -> str:
    loaded = load_text(text, others={**PROMPTS, **more})
    assert loaded.plan is not None, loaded.report()
    return loaded.revision


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "# a comment\nversion:   1"),
        ("version: 1\ntimezone: Europe/Berlin", "timezone: Europe/Berlin\nversion: 1"),
        ('"08:30-18:00"', '["08:30 - 18:00"]'),
        ('mon-fri: "08:30-18:00"', '"mon,tue,wed": "08:30-18:00", thu-fri: "08:30-18:00"'),
        ("max: 60s", "max: 1m"),
        ("do: {persona: ann}", 'do: {"persona": "ann"}'),
        ("numbers:", 'tests: [{name: a, to: "1", at: "2026-11-23 10:00", expect: x}]\nnumbers:'),
        ("language: de, ", "language: de, timezone: Europe/Berlin, "),
    ],
)
def test_a_plan_that_means_the_same_has_the_same_revision(old: str, new: str) -> None:
    """Comments, order of keys, spelling, tests and written-out defaults do not count."""
    assert revision(BASE.replace(old, new)) == revision(BASE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("08:30", "08:31"),
        ("is: closed", "is: open"),
        ("voice: anna", "voice: berta"),
        ("language: de", "language: en"),
        ("203.0.113.0/28", "203.0.113.0/27"),
    ],
)
def test_a_plan_that_means_something_else_has_another_revision(old: str, new: str) -> None:
    """However small the difference is."""
    assert revision(BASE.replace(old, new)) != revision(BASE)


def test_the_text_of_a_prompt_is_part_of_the_revision() -> None:
    """A call keeps the prompt it began with."""
    assert revision(BASE, **{"ann.md": "You are Anna."}) != revision(BASE)


@settings(deadline=None, max_examples=30)
@given(st.permutations(BASE.split("\n", 12)[0:5]))
def test_formatting_keeps_the_revision(lines: list[str]) -> None:
    """Also when sections are written in another order."""
    text = "\n".join([*lines, *BASE.split("\n")[5:]])

    assert revision(format_text(text)) == revision(BASE)


def test_includes_are_read_in_the_order_written_relative_to_their_file() -> None:
    """Sections grow together, tests follow one another, prompts are found beside their file."""
    main = BASE.replace("version: 1", "version: 1\ninclude: [sales/plan.yaml, more.yaml]")
    test = '{name: %s, to: "+498920001000", at: "2026-11-23 10:00", expect: [persona ann]}'
    sue = "{sue: {prompt: sue.md, fallback: {voicemail: box}}}"
    sales = f"include: deeper/lists.yaml\npersonas: {sue}\n"
    loaded = load_text(
        f"{main}tests: [{test % 'own'}]\n",
        others={
            **PROMPTS,
            "sales/plan.yaml": f"{sales}tests: [{test % 'sales'}]\n",
            "sales/sue.md": "You are Sue.",
            "sales/deeper/lists.yaml": 'lists: {vip: ["+4989123456"]}\n',
            "more.yaml": f"tests: [{test % 'more'}]\n",
        },
    )

    assert loaded.plan is not None
    assert loaded.valid
    assert [t.name for t in loaded.plan.tests] == ["sales", "more", "own"]
    assert loaded.plan.personas["sue"].prompt == "sales/sue.md"
    assert loaded.files["sales/sue.md"] == "You are Sue."
    assert list(loaded.plan.lists) == ["vip"]


def test_a_link_does_not_lead_an_include_out_of_its_folder(tmp_path: Path) -> None:
    """Neither plans nor prompts are read from elsewhere, whatever stands in the folder."""
    (tmp_path / "secret.yaml").write_text("lists: {vip: []}\n")
    inside = tmp_path / "plans"
    inside.mkdir()
    (inside / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (inside / "ann.md").symlink_to(tmp_path / "secret.yaml")
    (inside / "main.yaml").write_text(BASE)
    (inside / "other.yaml").write_text(f"include: link.yaml\n{BASE}")

    assert [p.code for p in load(inside / "main.yaml").problems] == ["E_FILE_OUTSIDE"]
    assert "E_INCLUDE" in [p.code for p in load(inside / "other.yaml").problems]


def test_a_pipe_does_not_keep_the_reader_waiting(tmp_path: Path) -> None:
    """Nor does anything else that is no file: it is named, not read, wherever it is asked for."""
    import os

    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "main.yaml").write_text("include: pipe.yaml\n" + BASE)
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    alone = load(tmp_path / "pipe.yaml").problems
    included = load(tmp_path / "main.yaml").problems
    endless = load(tmp_path / "zero.yaml").problems

    assert [p.code for p in alone] == ["E_FILE"]
    assert "it is a pipe" in alone[0].message
    assert (included[0].code, included[0].place.line) == ("E_INCLUDE", 1)
    assert "it is a device" in endless[0].message


def test_a_plan_with_a_missing_file_is_built_but_not_valid(tmp_path: Path) -> None:
    """Tests can run where the prompts are not; calls cannot."""
    loaded = load_text(BASE, tmp_path / "main.yaml")

    assert loaded.plan is not None
    assert not loaded.valid
    assert [p.code for p in loaded.problems] == ["E_FILE_MISSING"]


def test_a_persona_has_what_it_extends_unless_it_says_otherwise() -> None:
    """Through several generations; its own words win."""
    text = BASE.replace(
        "personas:\n",
        "personas:\n  carla: {extends: berta}\n  berta: {extends: ann, voice: berta}\n",
    )
    plan = load_text(text, others=PROMPTS).plan

    assert plan is not None
    assert (plan.personas["carla"].prompt, plan.personas["carla"].voice) == ("ann.md", "berta")
    assert plan.personas["carla"].fallback == ToVoicemail(voicemail="box")


def test_defaults_give_everything_a_way_on() -> None:
    """Menu, queue, target and persona; a queue leaves after `wait`."""
    text = f"""{BASE.replace(", fallback: {voicemail: box}", "")}
defaults: {{else: {{voicemail: box}}, timeout: 9s, wait: 90s, ring: 11s}}
limits: {{dial_out: ["+49*"]}}
menus: {{main: {{say: Press 1., keys: {{"1": {{persona: ann}}}}}}}}
queues: {{help: {{needs: {{skills: [help]}}}}}}
targets: {{duty: {{dial: "+4989555200", via: carrier}}}}
"""
    loaded = load_text(text, others=PROMPTS)
    plan = loaded.plan

    assert plan is not None
    assert loaded.valid
    box = ToVoicemail(voicemail="box")
    assert plan.personas["ann"].fallback == plan.menus["main"].otherwise == box
    assert plan.targets["duty"].otherwise == plan.queues["help"].overflow[-1].do == box
    assert plan.queues["help"].overflow[-1].after.total_seconds() == 90
    assert plan.menus["main"].timeout is not None
    assert plan.menus["main"].timeout.total_seconds() == 9


def test_mistakes_of_shape_do_not_hide_unknown_names() -> None:
    """All problems at once, not one kind after the other."""
    text = BASE.replace("max: 60s", "max: 60").replace("persona: ann}", "persona: anne}")

    found = [p.code for p in load_text(text, others=PROMPTS).problems]

    assert found == ["E_PERSONA", "E_DURATION"]


def test_every_kind_of_action_has_its_key_and_its_way_there() -> None:
    """In the order in which people are told them; those that are parts of the plan are reached by
    their name alone."""
    actions = Act.__subclasses__()

    assert list(KINDS) == [act.kind for act in actions]
    assert [act.kind for act in actions if act.kind not in act.model_fields] == []
    assert [f"{kind} main" for kind in PARTS] == [str(action(kind, "main")) for kind in PARTS]
