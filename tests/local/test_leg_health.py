"""What `switchboard status` says of accounts, asked of the leg's own pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.cli.status import Status
from gateway.local.layout import Layout
from gateway.local.leg_health import account_line, accounts
from sip.bridge.runtime.health import Answer, HttpServer, json_answer

UNTIL = "2026-11-30T18:00:00+00:00"
GOOD = {"registered": True, "until": UNTIL, "error": ""}
LATE = {"registered": True, "until": UNTIL, "error": "nobody answers at 192.0.2.1:5060 (UDP)"}
BAD = {"registered": False, "until": None, "error": "box.example answers 403 Forbidden"}


async def told(answer: Answer | None) -> dict[str, dict[str, Any]]:
    """What is read where the leg answers so; None: nobody listens."""
    server = HttpServer(("127.0.0.1", 0), lambda path: answer or Answer(404, b""))
    await server.start()
    host, port = server.address
    if answer is None:
        await server.aclose()
    layout = Layout.from_environment({"SWITCHBOARD_SIP_HEALTH": f"{host}:{port}"})
    try:
        return await asyncio.to_thread(accounts, layout)
    finally:
        if answer is not None:
            await server.aclose()


@pytest.mark.parametrize("status", [200, 429, 503])
async def test_accounts_are_read_in_any_state_of_the_leg(status: int) -> None:
    """Full or draining, it says what it knows."""
    assert await told(json_answer(status, {"registrations": {"box": GOOD}})) == {"box": GOOD}


@pytest.mark.parametrize(
    "answer", [None, json_answer(200, {"state": "ok"}), json_answer(200, []), Answer(200, b"OK")]
)
async def test_a_leg_that_says_nothing_of_accounts_has_none(answer: Answer | None) -> None:
    """LiveKit's own, or none at all: status answers all the same."""
    assert await told(answer) == {}


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (GOOD, f"box is registered until {UNTIL}"),
        (LATE, f"box is registered until {UNTIL}; renewing it failed: {LATE['error']}"),
        (BAD, "box is NOT registered: box.example answers 403 Forbidden"),
    ],
)
def test_a_person_reads_what_is_wrong(state: Mapping[str, Any], line: str) -> None:
    assert account_line("box", state) == line


def test_all_is_well_only_while_every_account_is_registered() -> None:
    def status(*states: Mapping[str, Any]) -> Status:
        found = {f"box{n}": dict(state) for n, state in enumerate(states)}
        return Status(True, [], "sip", [], "lk", "console", accounts=found)

    assert status(GOOD, LATE).well
    assert not status(GOOD, BAD).well
