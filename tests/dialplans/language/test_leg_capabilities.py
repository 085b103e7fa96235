"""What the SIP leg that runs cannot do for a plan's trunks is said before a call finds out."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest
from typer.testing import CliRunner

from dialplans.commands import app
from dialplans.language.leg_capabilities import (
    ANY,
    ANY_VALUE,
    ASKED,
    EMBEDDED,
    LIVEKIT_SIP,
    WITHOUT_TLS,
    Leg,
    beyond,
    sentences,
    with_leg,
)
from dialplans.language.load import Loaded, load_text
from dialplans.model import Trunk

PLAN = """
version: 1
timezone: Europe/London
trunks:
  one: {{allow: ["192.0.2.0/24"], {more}}}
numbers:
  "+442079460100": {{trunk: one, language: en, route: all}}
routes:
  all: [{{do: {{reject: 486}}}}]
"""


LESS = Leg(
    "less",
    {
        "srtp": {"required": "it encrypts no sound"},
        "transport": {"tls": "it speaks no TLS"},
    },
)


def plan(more: str) -> Loaded:
    loaded = load_text(PLAN.format(more=more))
    assert loaded.plan is not None, loaded.problems
    return loaded


@pytest.mark.parametrize(
    ("more", "keys"),
    [
        ("srtp: required", ["srtp"]),
        ("transport: tls", ["transport"]),
        ("transport: tls, srtp: required", ["srtp", "transport"]),
        ("transport: tcp, srtp: allowed", []),
        ("transport: auto, srtp: off, outbound: sip.example", []),
    ],
)
def test_what_is_beyond_the_leg_is_named_at_its_place(more: str, keys: list[str]) -> None:
    loaded = plan(more)
    found = with_leg(loaded, LESS)
    added = [p for p in found.problems if p.code == "W_LEG"]
    assert loaded.plan is not None

    assert [path[-1] for path, _ in beyond(loaded.plan, LESS)] == keys
    assert len(added) == len(keys)
    assert all(p.place.line == 5 for p in added)
    assert len(sentences(loaded.plan, LESS)) == len(keys)


def test_nothing_is_beyond_a_leg_that_says_nothing() -> None:
    loaded = plan("transport: tls, srtp: required")

    assert with_leg(loaded, ANY) is loaded


def test_the_other_leg_lacks_other_things() -> None:
    """It encrypts; what it is asked for elsewhere than at a trunk is named where that stands."""
    text = (
        PLAN.format(more="transport: tls, srtp: required, trusted: true")
        + """
  more:
    - {when: {caller: "+44*"}, do: {reject: 603}}
    - {when: {caller: "+43*"}, do: {reject: 486}}
    - {do: {persona: desk}}
personas:
  desk: {extends: billing}
  billing: {prompt: a.md, fallback: {say: bye}}
  other: {prompt: a.md, fallback: {say: bye}}
"""
    )
    loaded = load_text(text, "p.yaml", {"a.md": "Answer."})
    assert loaded.plan is not None, loaded.problems
    places = [path for path, _ in beyond(loaded.plan, LIVEKIT_SIP)]
    lines = [p.place.line for p in with_leg(loaded, LIVEKIT_SIP).problems if p.code == "W_LEG"]

    assert places == [
        ("trunks", "one", "trusted"),
        ("routes", "more", 0, "do", "reject"),
        ("personas", "desk"),
        ("personas", "billing"),
    ]
    assert lines == [5, 12, 16, 17]
    assert sentences(loaded.plan, LIVEKIT_SIP)[1].startswith("route more, rule 1: livekit-sip")
    assert sentences(loaded.plan, LIVEKIT_SIP)[2].startswith("persona desk, persona billing: ")


def test_personas_that_extend_each_other_in_a_circle_are_not_followed_for_ever() -> None:
    """Such a plan cannot go live; it can be looked at."""
    text = PLAN.format(more="srtp: off") + "personas: {a: {extends: b}, b: {extends: a}}"
    loaded = load_text(text)

    assert loaded.plan is None or not list(beyond(loaded.plan, LIVEKIT_SIP))


def test_whatever_a_leg_lacks_can_be_looked_for_in_a_plan() -> None:
    for leg in (EMBEDDED, LIVEKIT_SIP):
        assert leg.lacks.keys() <= ASKED.keys()
        assert leg.cannot.keys() <= Trunk.model_fields.keys()
        assert leg.instead in {EMBEDDED.name, LIVEKIT_SIP.name} - {leg.name}


@pytest.mark.parametrize(("more", "found"), [("auth: 'env:A'", 1), ("srtp: off", 0)])
def test_a_key_may_be_beyond_a_leg_whatever_its_value(more: str, found: int) -> None:
    nothing_of_it = Leg("x", {"auth": {ANY_VALUE: "x asks nobody for a password"}})
    loaded = plan(more)
    assert loaded.plan is not None

    assert len(list(beyond(loaded.plan, nothing_of_it))) == found


@pytest.mark.parametrize("leg", [EMBEDDED, LIVEKIT_SIP])
def test_what_the_leg_says_arrives_as_it_was_said(leg: Leg) -> None:
    assert msgspec.json.decode(msgspec.json.encode(leg), type=Leg) == leg


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("transport: tls", 1),
        ("transport: tls, outbound: sip.example", 1),
        ("transport: tcp", 0),
        ("transport: auto, srtp: required", 0),
    ],
)
def test_calls_in_by_tls_want_a_listener(more: str, found: int) -> None:
    """A trunk that brings numbers, at the place that asks for it, with the setting to set."""
    loaded = plan(more)
    assert loaded.plan is not None
    problems = [p for p in with_leg(loaded, WITHOUT_TLS).problems if p.code == "W_LEG"]

    assert len(problems) == found
    assert all("SWITCHBOARD_SIP_TLS_LISTEN" in p.message for p in problems)
    assert len(sentences(loaded.plan, WITHOUT_TLS)) == found
    assert with_leg(loaded, EMBEDDED) is loaded


def test_a_trunk_that_only_dials_wants_none() -> None:
    loaded = load_text(
        PLAN.format(more="").replace(
            "numbers:", "  two: {transport: tls, outbound: sip.example}\nnumbers:"
        )
    )
    assert loaded.plan is not None, loaded.problems

    assert list(beyond(loaded.plan, WITHOUT_TLS)) == []


def test_every_value_of_a_trunk_is_acted_on_or_named_as_beyond_the_leg() -> None:
    """A value that is added to the language has to be decided about here."""
    acted_on = {
        "transport": {"auto", "udp", "tcp", "tls"},  # sip.bridge.calls.outgoing.destination
        "srtp": {"off", "allowed", "required"},  # sip.bridge.admission.encryption
        "dtmf": {"auto", "inband"},  # sip.bridge.admission.plan_policy
    }
    values = {
        key: set(get_args(field.annotation))
        for key, field in Trunk.model_fields.items()
        if all(isinstance(value, str) for value in get_args(field.annotation) or (None,))
    }

    assert values == {key: acted_on[key] | set(EMBEDDED.cannot[key]) for key in acted_on}


def test_check_asks_the_leg_that_runs_and_says_when_none_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`--running` is not taken for an answer where nothing answers; without it nothing is asked."""
    (tmp_path / "plan.yaml").write_text(PLAN.format(more="srtp: required"))
    monkeypatch.setenv("SWITCHBOARD_REDIS_URL", "redis://127.0.0.1:1/0")
    alone = CliRunner().invoke(app, ["check", str(tmp_path / "plan.yaml")])
    asked = CliRunner().invoke(app, ["check", str(tmp_path / "plan.yaml"), "--running"])

    assert "W_LEG" not in alone.output
    assert asked.exit_code == 1
    assert "Redis does not answer at 127.0.0.1:1/0" in asked.output


def test_a_realm_for_calls_out_is_refused() -> None:
    """Nothing would act on it: whoever asks for the password names the realm."""
    auth = "{username: a, password: 'env:P', realm: x}"
    loaded = load_text(PLAN.format(more=f"outbound: {{address: sip.example, auth: {auth}}}"))

    assert [p.code for p in loaded.problems if p.severity == "error"] == ["E_KEY"]
