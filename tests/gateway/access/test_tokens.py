"""Tokens: who gets one, and that it opens no more than it should."""

from __future__ import annotations

from pathlib import Path

import pytest
from livekit import api

from dialplans.contracts import jobs
from gateway.access.tokens import Ticket, TokenFactory, grants
from tests.gateway.rooms import claims
from tests.gateway.running import KEY, SECRET, Gateway, settings_for, started


async def test_somebody_without_a_part_in_a_call_gets_no_token(gateway: Gateway) -> None:
    """A supervisor chooses a mode first; a viewer and a stranger get none at all."""
    await gateway.happen(started("call-1"))
    wish = {"purpose": "call", "call": "call-1"}

    stranger = await gateway.client().post("/api/tokens", json=wish)
    viewer = await (await gateway.signed_in("viewer")).post("/api/tokens", json=wish)
    supervisor = await (await gateway.signed_in("supervisor")).post("/api/tokens", json=wish)

    assert [a.status_code for a in (stranger, viewer, supervisor)] == [401, 403, 403]


@pytest.mark.parametrize("called", [None, "web"])
def test_a_token_says_what_livekits_own_library_would_write(
    tmp_path: Path, called: str | None
) -> None:
    """Claim for claim, and its verifier accepts it."""
    token_factory = TokenFactory(settings_for(tmp_path, "redis://"))
    ticket = Ticket(purpose="caller", call="call-1", who="Ann", role=jobs.CALLER, called=called)
    made = token_factory.make(ticket)
    theirs = (
        api.AccessToken(KEY, SECRET)
        .with_identity(made.identity)
        .with_kind("standard")
        .with_name("Ann")
        .with_grants(grants("caller", "call-1", microphone=True))
        .with_attributes(claims({"token": made.token})["attributes"])
    )
    if called:
        agents = [api.RoomAgentDispatch(agent_name=jobs.AGENT_NAME)]
        config = api.RoomConfiguration(agents=agents, empty_timeout=10, departure_timeout=5)
        theirs = theirs.with_room_config(config)

    ours, other = (claims({"token": token}) for token in (made.token, theirs.to_jwt()))
    times = {"nbf": 0, "exp": 0}
    assert ours | times == other | times
    assert ours["exp"] - ours["nbf"] == 60
    assert api.TokenVerifier(KEY, SECRET).verify(made.token).identity == made.identity


def test_no_purpose_gives_more_than_it_needs() -> None:
    """Data, metadata, administration and other rooms are in no token; a listener is mute."""
    for purpose in ("listen", "talk", "side", "caller"):
        for microphone in (True, False):
            grant = grants(purpose, "call-1", microphone=microphone)  # type: ignore[arg-type]
            speaks = microphone and purpose != "listen"
            assert grant.room == "call-1"
            assert grant.can_publish is speaks
            assert grant.can_publish_data is False
            assert grant.can_update_own_metadata is False
            assert grant.hidden is (purpose == "listen")
            assert not any((grant.room_admin, grant.room_create, grant.room_list, grant.agent))
            assert not (grant.hidden and grant.can_publish)
