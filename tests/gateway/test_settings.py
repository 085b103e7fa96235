"""The settings are documented, and read from the environment alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.settings import OidcSettings, Settings


def test_every_setting_is_in_the_readme() -> None:
    """A setting nobody can find out about might as well not exist."""
    text = Path("gateway/README.md").read_text("utf-8")
    names = [field.alias for field in Settings.model_fields.values() if field.alias]
    ours = [f"_{name.upper()}" for name in OidcSettings.model_fields if name != "issuer"]

    assert [n for n in [*names, *ours] if n not in text] == []


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the names that the other processes know as well."""
    monkeypatch.setenv("SWITCHBOARD_GATEWAY_LISTEN", "127.0.0.1:9999")
    monkeypatch.setenv("SWITCHBOARD_HOME", "/var/lib/switchboard")
    monkeypatch.setenv("SWITCHBOARD_OIDC_DEFAULT_ROLES", "viewer agent")

    settings = Settings.from_environment()

    assert (settings.host, settings.port) == ("127.0.0.1", 9999)
    assert settings.database_url == "sqlite+aiosqlite:////var/lib/switchboard/switchboard.db"
    assert settings.lease_path == Path("/var/lib/switchboard/lease.sock")
    assert settings.oidc.default_roles == ("viewer", "agent")
