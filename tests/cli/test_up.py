"""`switchboard up`, `status`, `call` and `down`, as a person types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from tests.stack.servers import own_environment, short_folder

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
SERVICES = ["redis", "livekit", "plan", "speech", "gateway", "agents-1", "agents-2", "sip"]


@pytest.fixture
def env() -> Iterator[dict[str, str]]:
    with short_folder() as home:
        found = {**os.environ, **own_environment(home)}
        yield found
        switchboard(found, "down")


def switchboard(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_from_nothing_to_a_call_and_back(env: dict[str, str]) -> None:
    """`up` returns with everything ready; a second `up` changes nothing; a call is answered, and
    one to each number is heard; `down` leaves no process and no port; after it nothing runs."""
    first = switchboard(env, "up")
    assert first.returncode == 0, first.stdout + first.stderr
    status = json.loads(switchboard(env, "status", "--json").stdout)
    second = switchboard(env, "up")
    again = json.loads(switchboard(env, "status", "--json").stdout)
    call = switchboard(env, "call", "--say", "I have a question about my bill", "--json")
    round_ = switchboard(env, "call", "--each", "--json")
    pids = [s["pid"] for s in status["services"]]
    down = switchboard(env, "down")

    assert [s["name"] for s in status["services"]] == SERVICES
    assert {s["state"] for s in status["services"]} == {"ready"}
    assert status["sip"] == env["SWITCHBOARD_SIP_LISTEN"]
    assert status["livekit"] == env["LIVEKIT_URL"]
    assert status["console"] == f"http://{env['SWITCHBOARD_GATEWAY_LISTEN']}"
    assert len(status["numbers"]) == 3
    assert all(number.startswith("+") for number in status["numbers"])
    assert status["dialplan"]["revision"]
    assert status["dialplan"]["problems"] == []

    assert "already running" in second.stdout
    assert [s["pid"] for s in again["services"]] == pids

    assert call.returncode == 0, call.stdout + call.stderr
    assert "billing" in call.stdout

    assert round_.returncode == 0, round_.stdout + round_.stderr
    greetings = {one["number"]: one["lines"][0]["text"] for one in json.loads(round_.stdout)}
    assert list(greetings) == status["numbers"]
    assert "Thank you" in greetings[status["numbers"][0]]
    assert status["unspoken"] == []

    assert down.returncode == 0
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []
    assert switchboard(env, "down").stdout == "Switchboard is not running.\n"
