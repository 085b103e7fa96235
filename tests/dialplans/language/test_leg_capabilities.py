"""What the SIP leg that runs cannot do for a plan's trunks is said before a call finds out."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest
from typer.testing import CliRunner

from dialplans.commands import app
from dialplans.language.leg_capabilities import ANY, EMBEDDED, Leg, beyond, sentences, with_leg
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
    found = with_leg(loaded, EMBEDDED)
    added = [p for p in found.problems if p.code == "W_LEG"]
    assert loaded.plan is not None

    assert [path[-1] for path, _ in beyond(loaded.plan, EMBEDDED)] == keys
    assert len(added) == len(keys)
    assert all(p.place.line == 5 for p in added)
    assert len(sentences(loaded.plan, EMBEDDED)) == len(keys)


def test_nothing_is_beyond_a_leg_that_says_nothing() -> None:
    """LiveKit's own has both."""
    loaded = plan("transport: tls, srtp: required")

    assert with_leg(loaded, ANY) is loaded


def test_what_the_leg_says_arrives_as_it_was_said() -> None:
    assert msgspec.json.decode(msgspec.json.encode(EMBEDDED), type=Leg) == EMBEDDED


def test_every_value_of_a_trunk_is_acted_on_or_named_as_beyond_the_leg() -> None:
    """A value that is added to the language has to be decided about here."""
    acted_on = {
        "transport": {"auto", "udp", "tcp"},  # sip.bridge.calls.destination
        "srtp": {"off", "allowed"},  # sound goes unencrypted
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
