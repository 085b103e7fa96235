"""People come and go, keys are pressed, connections break: what a job makes of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from livekit import rtc
from redis.asyncio import Redis

from agents.call.resume import chat_of
from agents.call.snapshot import Snapshots
from agents.job.caller import (
    Caller,
    NobodyCameError,
    answered,
    asks_headers,
    context,
    wait_for_caller,
)
from agents.job.disconnects import GONE_FOR_GOOD, JobEnd
from agents.job.lifecycle import CallLifecycle
from agents.settings import Settings
from dialplans.contracts.causes import EndCause
from dialplans.contracts.control import METHOD, Command, seal
from dialplans.contracts.events import encode
from dialplans.contracts.jobs import AGENT, CALLED, CALLER, ROLE
from sip.bridge.runtime import settings as bridge_settings
from tests.agents.calling import BILLING, Call, call_to, plan
from tests.fakes.language_model import calls
from tests.fakes.room import SIP, PaperRoom, Somebody

REASON = rtc.DisconnectReason


def caller() -> Somebody:
    return Somebody("sip_1", kind=SIP)


def ann() -> Somebody:
    return Somebody("agent-ann", "Ann", attributes={ROLE: AGENT})


@contextlib.asynccontextmanager
async def job_of(
    call: Call, redis_url: str, who: Somebody
) -> AsyncIterator[tuple[CallLifecycle, PaperRoom]]:
    room = PaperRoom(call.state.id, who)
    async with Redis.from_url(redis_url) as redis:
        snapshots = Snapshots(redis, room.name, every=0.01)
        made = CallLifecycle(room, call.session, snapshots, who.identity)  # type: ignore[arg-type]
        made.attach("secret", asyncio.Event())
        yield made, room
        await made.close()
        await snapshots.forget()


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


async def test_the_caller_is_the_one_who_called() -> None:
    """Not a colleague from the console, nor a telephone that we dialled."""
    dialled = Somebody("person-1", kind=SIP, attributes={ROLE: AGENT})
    room = PaperRoom("call-x", ann(), dialled)
    waiting = asyncio.create_task(wait_for_caller(room, within=5))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    room.comes(Somebody("web-1", attributes={ROLE: CALLER, CALLED: "web"}))
    found = await waiting

    assert (found.identity, found.sip) == ("web-1", False)


async def test_a_room_without_a_caller_is_left() -> None:
    with pytest.raises(NobodyCameError):
        await wait_for_caller(PaperRoom("call-x", ann()), within=0.05)  # type: ignore[arg-type]


async def test_the_greeting_waits_for_the_answer() -> None:
    """Its first words would be lost before the 200 OK."""
    who = Somebody("sip_1", kind=SIP, attributes={"sip.callStatus": "ringing"})
    room = PaperRoom("call-x", who)
    waiting = asyncio.create_task(answered(room, "sip_1", 5))  # type: ignore[arg-type]
    await asyncio.sleep(0.05)

    assert not waiting.done()

    room.changes(who, sip__callStatus="active")

    assert await waiting is True


@pytest.mark.parametrize(
    ("attributes", "called", "from_"),
    [
        (
            {"sip.trunkPhoneNumber": BILLING, "sip.phoneNumber": "+4930123456"},
            BILLING,
            "+4930123456",
        ),
        ({"sip.trunkPhoneNumber": BILLING, "sip.phoneNumber": "anonymous"}, BILLING, "anonymous"),
        ({"sip.trunkPhoneNumber": BILLING}, BILLING, "anonymous"),
        (
            {"sip.trunkPhoneNumber": BILLING, "sip.phoneNumber": "02079460111"},
            BILLING,
            "+442079460111",
        ),
    ],
)
def test_numbers_are_read_as_the_plan_writes_them(
    attributes: dict[str, str], called: str, from_: str
) -> None:
    """National forms as at home; what is withheld is anonymous."""
    found = context(plan().plan, "call-x", Caller("sip_1", True, attributes))

    assert (found.called, found.caller, found.trunk) == (called, from_, "local")


@pytest.mark.parametrize(
    ("attributes", "waits"),
    [
        ({"sip.trunkPhoneNumber": BILLING, "sip.phoneNumber": "+4930123456"}, True),
        ({"sip.trunkPhoneNumber": BILLING, "sip.phoneNumber": "anonymous"}, False),
        ({"sip.trunkPhoneNumber": "+499999999", "sip.phoneNumber": "+4930123456"}, False),
    ],
)
def test_a_number_is_not_shown_before_it_is_known_whether_it_is_withheld(
    attributes: dict[str, str], waits: bool
) -> None:
    """LiveKit's own leg says so a moment after it has joined; who is anonymous stays so."""
    assert asks_headers(plan().plan, Caller("sip_1", True, attributes)) is waits


def test_headers_reach_the_engine() -> None:
    facts = {"sip.trunkPhoneNumber": BILLING, "sip.h.x-campaign": "spring1"}
    found = context(plan().plan, "call-x", Caller("sip_1", True, facts))

    assert found.header("X-Campaign") == "spring1"
