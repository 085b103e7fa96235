"""Who hears what is whispered, and with what right."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from dialplans.contracts.jobs import AGENT, CALLER, OFF, ON, ROLE, SIDE
from sip.bridge.room.join_token import ParticipantSpec
from sip.bridge.room.side_room import has_side_room, side_token
from sip.bridge.runtime.settings import ApiKey

KEY = ApiKey("ws://127.0.0.1:1", "key", "a-secret-of-at-least-thirty-two-characters")


@pytest.mark.parametrize(
    ("attributes", "hears"),
    [
        ({SIDE: ON, ROLE: AGENT}, True),
        ({SIDE: ON, ROLE: CALLER}, False),
        ({SIDE: ON}, False),
        ({SIDE: OFF, ROLE: AGENT}, False),
        ({SIDE: "call-2", ROLE: AGENT}, False),
        ({ROLE: AGENT}, False),
        ({}, False),
    ],
)
def test_a_persons_telephone_alone_hears_it(attributes: dict[str, str], hears: bool) -> None:
    """A caller's never, whatever is written in its attributes."""
    asked = ParticipantSpec("call-1", "seat-1", "ann", attributes=attributes)

    assert has_side_room(asked) is hears


def test_an_ear_says_nothing() -> None:
    """It may be in the room beside its own call's and in no other, and publishes nothing."""
    token = side_token(KEY, ParticipantSpec("call-1", "seat-1", "ann"))
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})

    assert claims["sub"] == "seat-1"
    assert claims["video"]["room"] == "side-call-1"
    assert claims["video"]["canSubscribe"] is True
    assert claims["video"]["canPublish"] is False
    assert claims["video"]["canPublishData"] is False
