"""People come and go and keys are pressed: what a job makes of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from livekit import rtc
from redis.asyncio import Redis

from agents.call.resume import chat_of
from agents.call.snapshot import Snapshots
from agents.job.disconnects import JobEnd
from agents.job.lifecycle import CallLifecycle
from dialplans.contracts.control import METHOD, Command, seal
from dialplans.contracts.jobs import AGENT, ROLE
from tests.agents.calling import BILLING, Call, call_to
from tests.agents.job.paper_job import ann, caller, job_of
from tests.fakes.language_model import calls
from tests.fakes.room import PaperRoom, Somebody


async def joins_and_speaks(call: Call, room: PaperRoom, who: Somebody) -> Somebody:
    room.comes(who)
    room.speaks(who)
    await call.settled()
    return who


async def test_a_colleague_who_speaks_has_the_call_until_they_leave(
    tmp_path: Path, redis_url: str
) -> None:
    """Announced to the caller, recorded with a summary; afterwards the AI is back."""
    async with (
        call_to(BILLING, home=tmp_path) as call,
        job_of(call, redis_url, caller()) as (_, room),
    ):
        colleague = await joins_and_speaks(call, room, ann())

        assert call.said[-1] == call.phrase("person.taken")
        assert call.state.pause is not None
        assert call.state.pause.who == "Ann"
        assert call.record.of("handed_over")[-1].to == "agent Ann"

        room.goes(colleague)
        await call.settled()

        assert call.state.pause is None
        assert call.said[-1] == call.phrase("call.back")


async def test_a_microphone_that_comes_after_the_giveback_takes_nothing(
    tmp_path: Path, redis_url: str
) -> None:
    """It was off during a hold, and on again just as the call was given back. Who takes the call
    another time comes as somebody new."""
    async with (
        call_to(BILLING, home=tmp_path) as call,
        job_of(call, redis_url, caller()) as (_, room),
    ):
        colleague = await joins_and_speaks(call, room, ann())
        given = Command(op="giveback", call=room.name, who="agent Ann")
        reply = await room.asks(METHOD, seal(given, "secret"))
        room.speaks(colleague)
        await call.settled()

        assert '"ok":true' in reply
        assert call.state.pause is None
        assert call.said[-1] == call.phrase("call.back")
        assert call.record.of("handed_over")[-1].frm == "agent Ann"

        room.goes(colleague)
        again = Somebody("agent-ann-2", "Ann", attributes={ROLE: AGENT})
        await joins_and_speaks(call, room, again)

        assert call.state.pause is not None


async def test_a_colleague_who_is_gone_at_once_leaves_no_silence(
    tmp_path: Path, redis_url: str
) -> None:
    """They may leave while they are still being announced."""
    async with (
        call_to(BILLING, home=tmp_path) as call,
        job_of(call, redis_url, caller()) as (_, room),
    ):
        colleague = ann()
        room.comes(colleague)
        room.speaks(colleague)
        room.goes(colleague)
        await call.settled()

        assert call.state.pause is None
        assert call.session.output.audio_enabled
        assert call.said[-1] == call.phrase("call.back")


async def test_a_colleague_who_goes_on_elsewhere_keeps_the_call(
    tmp_path: Path, redis_url: str
) -> None:
    """From the browser to their telephone: of two participants of one name the old one leaves, and
    no AI speaks between. When the other has gone as well, it does."""
    async with (
        call_to(BILLING, home=tmp_path) as call,
        job_of(call, redis_url, caller()) as (_, room),
    ):
        browser = await joins_and_speaks(call, room, ann())
        kind = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
        telephone = Somebody("seat-1", "Ann", kind=kind, attributes={ROLE: AGENT})
        await joins_and_speaks(call, room, telephone)
        room.goes(browser)
        await call.settled()

        assert call.state.pause is not None
        assert call.state.pause.who == "Ann"

        room.goes(telephone)
        await call.settled()

        assert call.state.pause is None
        assert call.said[-1] == call.phrase("call.back")


async def test_a_supervisor_who_only_speaks_takes_nothing(tmp_path: Path, redis_url: str) -> None:
    """Taking over is a command, not a microphone."""
    async with (
        call_to(BILLING, home=tmp_path) as call,
        job_of(call, redis_url, caller()) as (_, room),
    ):
        boss = Somebody("supervisor-1", "Boss", attributes={ROLE: "supervisor"})
        await joins_and_speaks(call, room, boss)

        assert call.state.pause is None


async def test_keys_are_recorded_but_sealed_ones_only_as_dots(
    tmp_path: Path, redis_url: str
) -> None:
    async with call_to(BILLING, home=tmp_path) as call:
        who = caller()
        async with job_of(call, redis_url, who) as (_, room):
            room.types(who, "1")
            await call.settled()
            room.types(who, "100200")
            await call.settled()
            room.types(who, "4711")
            await call.settled()

            assert [event.digit for event in call.record.of("dtmf")] == ["1", *"•" * 10]
            assert "You owe 77 pounds" in call.said[-1]


async def test_what_a_snapshot_holds_is_enough_to_go_on_and_no_more(
    tmp_path: Path, redis_url: str
) -> None:
    """Who the caller is and what was said; neither number nor PIN as they were typed."""
    async with call_to(BILLING, calls("balance"), home=tmp_path) as call:
        who = caller()
        async with job_of(call, redis_url, who) as (made, room):
            await call.says("What do I owe?")
            room.types(who, "1002004711")
            await call.settled(0.3)
            found = await made.snapshots.load()

            assert found is not None
            assert (found.place, found.customer) == ("persona billing", "100200")
            assert "4711" not in str(found)

            chat = chat_of(found)

            assert chat is not None
            assert "What do I owe?" in str(chat.to_dict())


async def test_keys_of_the_first_moments_wait_for_the_stage(tmp_path: Path, redis_url: str) -> None:
    """The session may still be starting when the phone is answered; the order stays."""
    async with call_to(BILLING, home=tmp_path) as call:
        who = caller()
        async with job_of(call, redis_url, who) as (_, room):
            call.session._started = False
            room.types(who, "1")
            await asyncio.sleep(0.2)

            assert call.record.of("tool") == []

            call.session._started = True
            await call.settled(0.2)

            assert [event.name for event in call.record.of("tool")] == ["balance"]


async def test_a_job_that_was_replaced_leaves(tmp_path: Path, redis_url: str) -> None:
    async with call_to(BILLING, home=tmp_path) as call:
        room, stale = PaperRoom("call-x", caller()), asyncio.Event()
        async with Redis.from_url(redis_url) as redis:
            made = CallLifecycle(room, call.session, Snapshots(redis, "call-x"), "sip_1")  # type: ignore[arg-type]
            made.attach("secret", stale)
            stale.set()

            assert await asyncio.wait_for(made.over, 5) == JobEnd.STALE

            await made.close()
