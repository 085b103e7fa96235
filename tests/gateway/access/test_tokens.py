"""Ways into rooms, callers from the web, and the webhooks that watch over both."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import httpx
import jwt as pyjwt
import msgspec
import pytest
from livekit import api

from dialplans.contracts import events as ev
from dialplans.contracts import jobs
from dialplans.language.load import load_text
from gateway.access.tokens import Ticket, TokenFactory, grants
from tests.gateway import rooms
from tests.gateway.running import (
    KEY,
    SECRET,
    Gateway,
    running_gateway,
    settings_for,
    started,
    until,
)
from tests.stack.servers import LiveKit

HOOK = "/api/livekit/webhook"


@pytest.fixture
async def web(tmp_path: Path, redis_url: str) -> Any:
    settings = settings_for(tmp_path, redis_url, dialplan=Path("dialplans/main.yaml"))
    async with running_gateway(settings) as found:
        yield found


def claims(connection: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pyjwt.decode(connection["token"], options={"verify_signature": False})
    return found


async def call_from_web(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/api/tokens", json={"purpose": "caller", "number": "web"})


async def test_a_caller_from_the_web_gets_one_room_and_a_job(web: Gateway) -> None:
    """No account is needed; the job comes with the room, and the number dialled with the caller."""
    numbers = (await web.client().get("/api/web/numbers")).json()["items"]
    answer = await call_from_web(web.client())
    (connection,) = answer.json()["connections"]
    token = claims(connection)

    assert [n["number"] for n in numbers] == ["web"]
    assert answer.status_code == 201
    assert token["video"]["room"] == answer.json()["call"] == connection["room"]
    assert token["video"]["canPublishSources"] == ["microphone"]
    assert token["video"]["canPublishData"] is False
    assert token["video"]["canUpdateOwnMetadata"] is False
    assert token["attributes"][jobs.CALLED] == "web"
    assert token["attributes"][jobs.ROLE] == jobs.CALLER
    assert token["roomConfig"]["agents"][0]["agentName"] == jobs.AGENT_NAME
    assert token["exp"] - token["nbf"] <= 60


async def test_two_calls_are_two_rooms_and_two_identities(web: Gateway) -> None:
    """Nobody ends up in somebody else's call."""
    one, two = [(await call_from_web(web.client())).json() for _ in range(2)]

    assert one["call"] != two["call"]
    assert one["connections"][0]["identity"] != two["connections"][0]["identity"]


async def test_a_telephone_number_cannot_be_called_from_the_web(web: Gateway) -> None:
    """Only entrances that the plan opened to the web."""
    answer = await web.client().post(
        "/api/tokens", json={"purpose": "caller", "number": "+442079460100"}
    )

    assert answer.status_code == 404


async def test_one_visitor_cannot_make_calls_without_end(web: Gateway) -> None:
    """After some in a minute the answer says how long to wait; the first refusal is on record."""
    client = web.client()
    answers = [await call_from_web(client) for _ in range(9)]

    assert [a.status_code for a in answers] == [201] * 6 + [429] * 3
    assert int(answers[-1].headers["retry-after"]) > 0
    assert [r.reason for r in await refusals(web)] == ["flood"]


async def refusals(gateway: Gateway) -> list[ev.Refused]:
    """As the stream has them, oldest first."""
    found = [
        ev.decode(fields[ev.Journal.FIELD.encode()])
        for _, fields in await gateway.container.redis.xrange(ev.STREAM)
    ]
    return [event for event in found if isinstance(event, ev.Refused)]


def small_plan(limits: str) -> str:
    """Two entrances from the web, one of them shut."""
    return f"""
version: 1
timezone: Europe/London
limits: {limits}
trunks:
  local: {{allow: ["127.0.0.1/32"]}}
numbers:
  web: {{label: Talk to us, language: en, route: open}}
  web-shut: {{label: Closed, language: en, route: shut}}
  "+442079460100": {{trunk: local, language: en, route: open}}
routes:
  open: [{{do: {{say: "Hello"}}}}]
  shut: [{{do: {{reject: 603}}}}]
"""


@pytest.mark.parametrize(
    ("limits", "number", "said"),
    [
        ("{concurrent: 1}", "web", (503, "lines_busy", "limit_concurrent")),
        ("{per_number: 1}", "web", (503, "lines_busy", "limit_number")),
        ("{per_caller: 1/min}", "web", (503, "lines_busy", "limit_caller")),
        ("{concurrent: 9}", "web-shut", (403, "call_refused", "rejected_by_plan")),
    ],
)
async def test_the_dialplan_says_who_comes_in_from_the_web_too(
    tmp_path: Path, redis_url: str, limits: str, number: str, said: tuple[int, str, str]
) -> None:
    """Its limits, also for those who are on their way in, and its rules; who is refused is told
    why, and is a record with the reason."""
    plan = tmp_path / "plan" / "main.yaml"
    plan.parent.mkdir()
    plan.write_text(small_plan(limits))
    async with running_gateway(settings_for(tmp_path, redis_url)) as gateway:
        client = gateway.client()
        first = await client.post("/api/tokens", json={"purpose": "caller", "number": "web"})
        second = await client.post("/api/tokens", json={"purpose": "caller", "number": number})
        (refused,) = await refusals(gateway)

        async def stored() -> bool:
            return await gateway.container.records.call(refused.call) is not None

        await until(stored)
        call = await gateway.container.records.call(refused.call)

    status, code, reason = said
    assert first.status_code == 201, first.text
    assert (second.status_code, second.json()["code"]) == (status, code), second.text
    assert second.json()["reason"] == refused.reason == reason
    assert call is not None
    assert (call.state, call.called, call.trunk) == ("refused", number, "web")


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


def signed(body: bytes, *, secret: str = SECRET) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    token = api.AccessToken(KEY, secret).with_sha256(digest).to_jwt()
    return {"authorization": token, "content-type": "application/webhook+json"}


def hook(event: str, **more: Any) -> bytes:
    body = {"event": event, "id": f"EV_{event}", "room": {"name": "call-1"}, **more}
    return msgspec.json.encode({"createdAt": "1795340000", **body})


async def test_a_webhook_is_believed_only_with_its_signature(gateway: Gateway) -> None:
    """The raw bytes are signed: another key, another body or a reformatted one is refused."""
    client = gateway.client()
    body = hook("participant_left", participant={"identity": "x"})

    right = await client.post(HOOK, content=body, headers=signed(body))
    other_key = await client.post(HOOK, content=body, headers=signed(body, secret="b" * 40))
    other_body = await client.post(HOOK, content=body + b" ", headers=signed(body))
    none = await client.post(HOOK, content=body)

    assert right.json() == {"fresh": True}
    assert [a.status_code for a in (other_key, other_body, none)] == [401, 401, 401]


async def test_a_webhook_counts_once(gateway: Gateway) -> None:
    """LiveKit repeats what it is not sure about; another gateway may get the second."""
    client = gateway.client()
    await gateway.happen(started("call-1"))
    body = hook("room_finished")

    first = await client.post(HOOK, content=body, headers=signed(body))
    second = await client.post(HOOK, content=body, headers=signed(body))

    async def over() -> bool:
        call = await gateway.container.records.call("call-1")
        return call is not None and call.cause == "room_closed"

    await until(over)
    assert (first.json()["fresh"], second.json()["fresh"]) == (True, False)
    assert len(await gateway.container.records.entries("call-1")) == 2


async def test_a_web_call_is_on_record_when_its_caller_comes_in(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """Not before: who never enters makes no call. Its caller is let in, and only they."""
    answer = (await call_from_web(room_gateway.client())).json()
    assert await room_gateway.container.records.call(answer["call"]) is None

    stack = await rooms.open_(answer["connections"])

    async def on_record() -> bool:
        return await room_gateway.container.records.call(answer["call"]) is not None

    await until(on_record)
    inside = await rooms.identities(room_livekit, answer["call"])
    await stack.aclose()
    call = await room_gateway.container.records.call(answer["call"])

    assert answer["connections"][0]["identity"] in inside
    assert call is not None
    assert (call.direction, call.called, call.trunk) == ("web", "web", "web")


async def follow(gateway: Gateway, plan: str) -> None:
    """Applies it and waits until the gateway has heard of it."""
    revision = await gateway.container.plan.store.put(load_text(plan, "main.yaml", {}), "olga")

    async def known() -> bool:
        return gateway.container.feed.live_state.revision == revision

    await until(known)


async def test_the_limits_hold_again_when_a_caller_enters(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """A token that was good when it was made lets nobody in over the limit: who comes second is
    shown out, the room is closed, and the record says why. Whoever was in stays, and may even come
    back."""
    await follow(room_gateway, small_plan("{concurrent: 2}"))
    client = room_gateway.client()
    first, second = [(await call_from_web(client)).json() for _ in range(2)]
    await follow(room_gateway, small_plan("{concurrent: 1}"))

    async def state(of: dict[str, Any]) -> str:
        call = await room_gateway.container.records.call(of["call"])
        return "" if call is None else call.state

    async def is_live() -> bool:
        return await state(first) == "ringing"

    async def is_refused() -> bool:
        return await state(second) == "refused"

    in_first = await rooms.open_(first["connections"])
    await until(is_live)
    in_second = await rooms.open_(second["connections"])
    await until(is_refused)
    await rooms.absent(room_livekit, second["call"], second["connections"][0]["identity"])
    stayed = await rooms.identities(room_livekit, first["call"])
    refused = await room_gateway.container.records.call(second["call"])
    await in_second.aclose()
    await in_first.aclose()

    assert first["connections"][0]["identity"] in stayed
    assert refused is not None
    assert (refused.reason, refused.called, refused.trunk) == ("limit_concurrent", "web", "web")


async def test_a_plan_that_was_applied_counts_for_the_next_web_caller(web: Gateway) -> None:
    """The stored plan, which the gateway learns of by announcement, and not the file."""
    before = await call_from_web(web.client())
    await follow(web, small_plan("{concurrent: 1}"))
    after = await call_from_web(web.client())

    assert before.status_code == 201
    assert (after.status_code, after.json()["reason"]) == (503, "limit_concurrent")
