"""Secrets: made at the first start, kept, and nobody else's business."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.local.config_files import write_config_files
from gateway.local.environment import adopt, environment
from gateway.local.keys import ensure_keys, read_keys
from gateway.local.layout import Layout, LayoutError


def layout_in(home: Path) -> Layout:
    return Layout.from_environment({"SWITCHBOARD_HOME": str(home)})


def test_every_installation_makes_its_own_and_keeps_it(tmp_path: Path) -> None:
    first = ensure_keys(tmp_path / "a" / "secrets.json")

    assert ensure_keys(tmp_path / "a" / "secrets.json") == first
    assert ensure_keys(tmp_path / "b" / "secrets.json") != first
    assert len(first.livekit_api_secret) >= 32


def test_only_the_owner_can_read_what_holds_a_secret(tmp_path: Path) -> None:
    """The secrets and every configuration file made from them."""
    layout = layout_in(tmp_path / "home")
    keys = ensure_keys(layout.secrets)
    write_config_files(layout, keys)
    files = [layout.secrets, *layout.run.iterdir()]

    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    assert oct(layout.home.stat().st_mode & 0o777) == "0o700"


def test_a_key_that_an_older_version_did_not_know_is_added(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    kept = ensure_keys(path)
    stored = json.loads(path.read_text("utf-8"))
    del stored["session_secret"]
    path.write_text(json.dumps(stored), "utf-8")
    found = read_keys(path)

    assert found is not None
    assert found.livekit_api_secret == kept.livekit_api_secret
    assert found.session_secret
    assert read_keys(path) == found


@pytest.mark.parametrize("kept", ["", "[]", "null", "\0", "{", "[" * 100_000])
def test_keys_that_are_none_are_named(tmp_path: Path, kept: str) -> None:
    """Every command reads them first, so each would end in a stack of frames."""
    path = tmp_path / "secrets.json"
    path.write_text(kept)

    with pytest.raises(LayoutError, match=str(path)):
        read_keys(path)


def test_a_command_typed_by_hand_reaches_the_running_system(tmp_path: Path) -> None:
    """Nothing to export: what the person did not set comes from the installation."""
    layout = layout_in(tmp_path)
    keys = ensure_keys(layout.secrets)
    env = {"SWITCHBOARD_REDIS_URL": "redis://127.0.0.1:6389/0", "LIVEKIT_API_KEY": "leftover"}

    assert adopt(layout, env)
    assert env == {**environment(layout, keys)}


def test_a_server_of_the_persons_own_is_left_as_it_is(tmp_path: Path) -> None:
    """All three of LiveKit's settings, and a Redis elsewhere."""
    layout = layout_in(tmp_path)
    ensure_keys(layout.secrets)
    own = {
        "LIVEKIT_URL": "wss://example.livekit.cloud",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "secret",
        "SWITCHBOARD_REDIS_URL": "redis://redis.example.com:6379/0",
    }
    env = dict(own)
    adopt(layout, env)

    assert own.items() <= env.items()


def test_before_the_first_start_nothing_is_adopted(tmp_path: Path) -> None:
    env: dict[str, str] = {}

    assert not adopt(layout_in(tmp_path), env)
    assert env == {}
