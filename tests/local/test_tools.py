"""What is missing is said in one line that says how to get it."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.local import bootstrap, tools
from gateway.local.layout import Layout


def program(folder: Path, name: str, says: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return replace(Layout.from_environment({}), root=tmp_path)


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("SWITCHBOARD_LIVEKIT_SERVER", raising=False)
    return folder


@pytest.mark.usefixtures("empty_path")
def test_a_missing_tool_is_named_with_the_command_that_brings_it(layout: Layout) -> None:
    with pytest.raises(tools.MissingToolError, match="apt-get install redis-server"):
        tools.redis_server()
    with pytest.raises(tools.MissingToolError, match="make servers"):
        tools.livekit_server(layout)
    with pytest.raises(tools.MissingToolError, match="--sip bridge"):
        tools.livekit_sip()


def test_a_livekit_server_of_another_version_is_not_used_by_accident(
    layout: Layout, empty_path: Path
) -> None:
    """The code was read for one version; another is used only if somebody says so."""
    found = program(empty_path, "livekit-server", "livekit-server version 1.9.0")

    with pytest.raises(tools.MissingToolError, match=r"is livekit-server 1\.9\.0, this needs"):
        tools.livekit_server(layout)
    assert tools.version_of(found) == "1.9.0"


def test_the_right_livekit_server_on_the_path_is_used(layout: Layout, empty_path: Path) -> None:
    says = f"livekit-server version {tools.LIVEKIT_SERVER_VERSION}"
    found = program(empty_path, "livekit-server", says)

    assert tools.livekit_server(layout) == found


def test_one_version_of_livekit_server_everywhere() -> None:
    """What is built, what is looked for, and what the module pins."""
    module = (bootstrap.ROOT / "docker" / "servers" / "go.mod").read_text("utf-8")
    pinned = re.search(r"github.com/livekit/livekit-server v(\S+)", module)

    assert pinned is not None
    assert pinned.group(1) == tools.LIVEKIT_SERVER_VERSION == bootstrap.LIVEKIT_SERVER


@pytest.mark.usefixtures("empty_path")
def test_without_go_the_official_binary_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "CACHE", tmp_path / "cache")

    with pytest.raises(SystemExit):
        bootstrap.servers()
    assert "releases/tag/v1.13.5" in capsys.readouterr().err


@pytest.mark.usefixtures("empty_path")
def test_who_is_not_root_gets_the_command_to_run_as_root(
    monkeypatch: pytest.MonkeyPatch, empty_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(empty_path, "apt-get", "")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(SystemExit):
        bootstrap.packages({"redis-server": "redis-server", "sox": "sox"})
    assert "as root: apt-get install -y redis-server sox" in capsys.readouterr().err


@pytest.mark.usefixtures("empty_path")
def test_checking_installs_the_consoles_tools_or_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make check` never leaves the console out in silence."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "package.json").write_text("{}", "utf-8")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "python", lambda: None)

    with pytest.raises(SystemExit) as ended:
        bootstrap.main(["check"])

    assert ended.value.code == 1
    assert "apt-get install nodejs npm" in capsys.readouterr().err


def test_make_check_checks_the_console_whatever_is_installed() -> None:
    lines = (Path(bootstrap.__file__).parents[2] / "Makefile").read_text("utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("check:"))
    recipe = [line.strip() for line in lines[start + 1 : lines.index("", start)]]

    assert recipe[0] == "@$(BOOTSTRAP) check"
    assert recipe[-1] == "npm --prefix web run --silent check"
