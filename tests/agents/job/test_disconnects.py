"""Lines break and people hang up: whether the call is over, and who ended it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from livekit import rtc

from agents.job.disconnects import GONE_FOR_GOOD, JobEnd
from agents.settings import Settings
from dialplans.contracts.causes import EndCause
from dialplans.contracts.events import encode
from dialplans.contracts.jobs import AGENT, CALLER, ROLE
from sip.bridge.runtime import settings as bridge_settings
from tests.agents.calling import BILLING, call_to
from tests.agents.job.paper_job import caller, job_of
from tests.fakes.room import SIP, Somebody

REASON = rtc.DisconnectReason


async def test_a_telephone_that_hung_up_is_not_waited_for(tmp_path: Path, redis_url: str) -> None:
    """The leg says so before it leaves; what another telephone of the call does ends nothing."""
    async with call_to(BILLING, home=tmp_path) as call:
        who, other = caller(), Somebody("person-1", kind=SIP, attributes={ROLE: AGENT})
        async with job_of(call, redis_url, who) as (made, room):
            room.comes(other)
            room.changes(other, sip__callStatus="hangup")
            room.changes(who, sip__callStatus="active")

            assert not made.over.done()

            room.changes(who, sip__callStatus="hangup")

            assert await asyncio.wait_for(made.over, 5) == "caller_hung_up"


@pytest.mark.parametrize("reason", sorted(GONE_FOR_GOOD))
async def test_a_caller_who_left_ends_the_call(tmp_path: Path, redis_url: str, reason: int) -> None:
    """Whatever LiveKit calls it: its own session would go on after most of these. Who was shown
    out has not hung up: a person did, through the API."""
    by_api = reason in (REASON.PARTICIPANT_REMOVED, REASON.ROOM_DELETED)
    async with call_to(BILLING, home=tmp_path) as call:
        who = caller()
        async with job_of(call, redis_url, who) as (made, room):
            room.goes(who, reason)
            cause = await asyncio.wait_for(made.over, 5)
            made.report_end(cause)
            await call.settled()

            (ended,) = call.record.of("ended")
            assert (ended.cause, ended.by) == (
                ("person_hung_up", "person") if by_api else ("caller_hung_up", "caller")
            )


async def test_the_record_of_every_end_says_who_ended_it(tmp_path: Path, redis_url: str) -> None:
    """Whatever ends calls here or will, and also where it was nobody in particular."""
    async with (
        call_to(BILLING, home=tmp_path) as call,
        job_of(call, redis_url, caller()) as (made, _),
    ):
        for cause in EndCause:
            made.report_end(cause)
        await call.settled()
        told = [json.loads(encode(event)) for event in call.record.of("ended")]

        assert {one["cause"]: one["by"] for one in told} == {
            **dict.fromkeys(EndCause, "system"),
            "caller_hung_up": "caller",
            "persona_hung_up": "persona",
            "person_hung_up": "person",
            "caller_silent": "persona",
            "message_taken": "persona",
            "no_message": "persona",
        }


async def test_a_caller_whose_line_broke_may_come_back(tmp_path: Path, redis_url: str) -> None:
    """The leg joins again by itself; meanwhile the job waits."""
    async with call_to(BILLING, home=tmp_path) as call:
        who = caller()
        async with job_of(call, redis_url, who) as (made, room):
            room.goes(who, REASON.SIGNAL_CLOSE)
            await asyncio.sleep(0.3)
            room.comes(caller())
            await asyncio.sleep(0.3)

            assert not made.over.done()


async def test_a_telephone_is_waited_for_as_long_as_its_leg_keeps_it(
    tmp_path: Path, redis_url: str
) -> None:
    """A leg may be back in the room later than the job, and its caller is still on the line; who
    came from the web closes the page."""
    web = Somebody("web_1", attributes={ROLE: CALLER})
    async with call_to(BILLING, home=tmp_path, sip_rejoin_for=0.6) as call:
        async with job_of(call, redis_url, caller()) as (phone, room):
            room.goes(room.remote_participants["sip_1"], REASON.UNKNOWN_REASON)
            await asyncio.sleep(0.3)
            kept = not phone.over.done()
            cause = await asyncio.wait_for(phone.over, 5)
        async with job_of(call, redis_url, web) as (page, room):
            page.web_back_within_s = 0.1
            room.goes(web, REASON.UNKNOWN_REASON)
            await asyncio.sleep(0.3)
            page_over = page.over.done()

    assert kept
    assert cause == "caller_hung_up"
    assert page_over


def test_the_job_and_the_leg_read_the_same_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one of them hangs up on a caller whom the other still has."""
    monkeypatch.setenv("LIVEKIT_API_KEY", "key")
    monkeypatch.setenv("LIVEKIT_API_SECRET", "secret")
    usual = Settings().sip_rejoin_for, bridge_settings.Settings().sip_rejoin_for
    monkeypatch.setenv("SWITCHBOARD_SIP_REJOIN_FOR", "7.5")
    changed = Settings().sip_rejoin_for, bridge_settings.Settings().sip_rejoin_for

    assert usual[0] == usual[1]
    assert changed == (7.5, 7.5)


async def test_a_caller_whose_line_broke_is_not_silent(tmp_path: Path, redis_url: str) -> None:
    """Nobody asks an empty room whether it is still there, and no person is called for it."""
    async with call_to(BILLING, home=tmp_path) as call:
        who = caller()
        async with job_of(call, redis_url, who) as (made, room):
            room.goes(who, REASON.UNKNOWN_REASON)
            await asyncio.sleep(0.05)
            said = len(call.said)
            for _ in range(3):
                await made.events._silent()
            away = len(call.said)
            room.comes(caller())
            await call.settled(0.3)

            assert away == said
            assert call.state.conversation.silences == 0
            assert call.said[-1] == call.phrase("call.apology")

            await made.events._silent()

            assert call.state.conversation.silences == 1


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        (REASON.ROOM_DELETED, "person_hung_up"),
        (REASON.SIGNAL_CLOSE, JobEnd.LOST),
        (None, JobEnd.LOST),
    ],
)
async def test_a_job_that_was_cut_off_knows_whether_the_call_is_over(
    tmp_path: Path, redis_url: str, reason: object, cause: str
) -> None:
    """Only a deleted room means that; else the steward looks whether a caller still waits."""
    async with (
        call_to(BILLING, home=tmp_path) as call,
        job_of(call, redis_url, caller()) as (made, room),
    ):
        room.emit("disconnected", reason)

        assert await asyncio.wait_for(made.over, 5) == cause


async def test_what_we_did_is_not_somebody_elses_hanging_up(tmp_path: Path, redis_url: str) -> None:
    """The job itself hangs up by removing the caller, and says why beforehand."""
    async with call_to(BILLING, home=tmp_path) as call:
        who = caller()
        async with job_of(call, redis_url, who) as (made, room):
            call.state.ending = EndCause.PERSONA_HUNG_UP
            room.goes(who, REASON.PARTICIPANT_REMOVED)

            assert await asyncio.wait_for(made.over, 5) == "persona_hung_up"


async def test_a_room_deleted_after_the_caller_was_gone_is_the_callers_end(
    tmp_path: Path, redis_url: str
) -> None:
    async with call_to(BILLING, home=tmp_path) as call:
        who = caller()
        async with job_of(call, redis_url, who) as (made, room):
            room.goes(who, REASON.SIGNAL_CLOSE)
            room.emit("disconnected", REASON.ROOM_DELETED)

            assert await asyncio.wait_for(made.over, 5) == "caller_hung_up"
