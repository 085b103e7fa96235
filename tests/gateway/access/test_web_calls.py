"""Callers from the web: what they get, who is let in, and what is on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from dialplans.contracts import events as ev
from dialplans.contracts import jobs
from dialplans.language.load import load_text
from tests.gateway import rooms
from tests.gateway.rooms import claims
from tests.gateway.running import Gateway, running_gateway, settings_for, until
from tests.stack.servers import LiveKit


@pytest.fixture
async def web(tmp_path: Path, redis_url: str) -> Any:
    settings = settings_for(tmp_path, redis_url, dialplan=Path("dialplans/main.yaml"))
    async with running_gateway(settings) as found:
        yield found


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
