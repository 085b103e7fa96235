"""`history` and `rollback` against a Redis of our own."""

import asyncio
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.asyncio import Redis
from typer.testing import CliRunner

from dialplans.commands import app
from dialplans.language.load import load_text
from dialplans.revisions.store import PlanStore
from tests.dialplans.broken_plans import VALID
from tests.programs import program

PROMPTS = {"prompts/ann.md": "You are Ann."}


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A redis-server on a free port, named by the environment as `switchboard up` does."""
    path = program("redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [path, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", tmp_path]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port) as client:
            for _ in range(400):
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.02)
        address = f"redis://127.0.0.1:{port}/0"
        monkeypatch.setenv("SWITCHBOARD_REDIS_URL", address)
        yield address
    finally:
        server.terminate()
        server.wait()


def put(url: str, *texts: str) -> list[str]:
    async def run() -> list[str]:
        async with Redis.from_url(url) as client:
            store = PlanStore(client)
            return [await store.put(load_text(t, others=PROMPTS), "ann") for t in texts]

    return asyncio.run(run())


def test_a_plan_can_be_rolled_back_by_the_beginning_of_its_name(url: str) -> None:
    """History has author, time and what changed; going back is an entry of its own."""
    old, new = put(url, VALID, VALID.replace("max: 60s", "max: 90s"))

    back = CliRunner().invoke(app, ["rollback", old[:8], "--json"])
    listed = json.loads(CliRunner().invoke(app, ["history", "--json"]).stdout)

    assert json.loads(back.stdout) == {"revision": old}
    assert [e["revision"] for e in listed] == [old, new, old]
    assert [e["rollback"] for e in listed] == [True, False, False]
    assert listed[1]["author"] == "ann"
    assert listed[1]["before"] == old
    assert listed[1]["changes"]
    assert f"* {old}" in CliRunner().invoke(app, ["history"]).stdout


def test_a_revision_that_never_was_is_not_gone_back_to(url: str) -> None:
    """Nothing changes; one line says so."""
    put(url, VALID)
    said = CliRunner().invoke(app, ["rollback", "ffffffff"])

    assert said.exit_code == 1
    assert "ffffffff" in said.stderr
