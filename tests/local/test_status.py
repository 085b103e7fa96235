"""`switchboard status` names the SIP leg in use, and what the plan asks of it in vain."""

from __future__ import annotations

import pytest

from dialplans.language.leg_capabilities import LIVEKIT_SIP
from gateway.cli.status import Status, show


def shown(capsys: pytest.CaptureFixture[str], leg: str, lacks: list[str]) -> str:
    status = Status(
        running=True,
        services=[],
        sip="127.0.0.1:5060",
        numbers=["+442079460100"],
        livekit="ws://127.0.0.1:7880",
        console="http://127.0.0.1:8090",
        dialplan={"file": "main.yaml", "revision": "r", "problems": []},
        leg=leg,
        beyond_leg=lacks,
        leg_advice=LIVEKIT_SIP.advice,
    )
    show(status)
    assert status.well is not bool(lacks)
    return capsys.readouterr().out


def test_the_leg_in_use_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "  SIP leg    bridge\n" in shown(capsys, "bridge", [])
    assert "  SIP leg    none is known\n" in shown(capsys, "", [])


def test_what_it_lacks_is_said_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(capsys, "livekit-sip", ["route front, rule 1: refuses with 486 only"])

    assert "  SIP leg    livekit-sip\n    lacks    route front, rule 1: refuses" in told
    assert "start with `switchboard up --sip bridge`" in told
