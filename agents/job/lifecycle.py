"""One call in one job: put together, kept, and wound up."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import structlog
from livekit import rtc
from livekit.agents import AgentSession

from agents.call.resume import snapshot_of
from agents.call.snapshot import Snapshot, Snapshots
from agents.call.state import CallState
from agents.job.disconnects import ENDED_BY, GONE_FOR_GOOD, JobEnd, why_gone
from agents.job.dtmf import DtmfKeys
from agents.job.lease import Lease
from agents.job.recording import Recorder
from agents.job.seal import Seal
from agents.job.session_events import SessionEvents
from agents.job.supervisor_commands import SupervisorCommands
from agents.job.transcriber import Transcriber
from agents.livekit_private import started
from agents.stages.stage import Stage
from agents.stages.takeover import fall_silent, speak_again
from dialplans.contracts.actor import Actor, ActorKind
from dialplans.contracts.causes import EndCause
from dialplans.contracts.events import Ended, Resumed
from dialplans.contracts.jobs import AGENT, ROLE
from dialplans.contracts.words import Source
from dialplans.engine.call_inputs import HappeningKind
from dialplans.engine.sip_participant import GONE, STATUS
from dialplans.process.background import Tasks

log = structlog.get_logger(__name__)

BEGUN_WITHIN_S = 10.0
BACK_WITHIN_S = 6.0
"""A caller from the web whose connection broke without a goodbye may be back. A telephone's leg
joins again by itself, and is waited for as long as it keeps the phone."""


class CallLifecycle:
    """Wires a session to its room and to the rest of the system, and knows when it is over."""

    def __init__(
        self, room: rtc.Room, session: AgentSession[CallState], snapshots: Snapshots, caller: str
    ) -> None:
        self.room = room
        self.session = session
        self.call = session.userdata
        self.caller = caller
        self.snapshots = snapshots
        self.web_back_within_s = BACK_WITHIN_S
        self.over: asyncio.Future[EndCause | JobEnd] = asyncio.get_running_loop().create_future()
        self.began = self.call.services.now()
        self.events = SessionEvents(session)
        self.transcriber = Transcriber(self.call)
        self.keys = DtmfKeys(self.call)
        self.events.on_said = self.keys.answered
        self.seal = Seal(room)
        self.call.guard = self.seal.set
        self._tasks = Tasks("job.task_failed")
        self.call.changed = self.save
        self.call.recorder = Recorder(session)

    def attach(self, secret: str, stale: asyncio.Event) -> None:
        """From here on keys, people, commands and hang-ups reach the call."""
        self._tasks.spawn(self._leave_when(stale))
        SupervisorCommands(self.session, secret).register(self.room)
        self.transcriber.listen(self.room, self.caller)
        self.room.on("sip_dtmf_received", self._key)
        self.room.on("participant_disconnected", self._left)
        self.room.on("participant_attributes_changed", self._status)
        self.room.on("track_published", self._published)
        self.room.on("reconnected", self.seal.again)
        self.room.on("disconnected", self._cut_off)
        self.session.on("close", lambda _: self._end(EndCause.FAILED))
        for who in self.room.remote_participants.values():
            if who.track_publications:
                self._published(None, who)
        longest = self.call.plan.limits.max_duration
        if longest is not None:
            self._tasks.spawn(self._stop_after(longest.total_seconds()))

    # Keys.

    def _key(self, event: rtc.SipDTMF) -> None:
        if event.participant is None or self.call.ending is not None:
            return
        if event.participant.identity != self.caller:
            if (stage := self.events.stage) is not None:
                self._tasks.spawn(stage.on_key_from(event.participant.identity, event.digit))
            return
        stage, person = self.events.stage, self.call.pause is not None
        self.keys.pressed(event.digit, choice=person or bool(stage and stage.offers(event.digit)))
        if not person:
            self._tasks.spawn(self._press(event.digit))

    async def _press(self, digit: str) -> None:
        stage = await self._begun()
        if stage is None:
            return
        if self.session.current_speech is not None and stage.keys_interrupt:
            with contextlib.suppress(RuntimeError):  # a farewell is not interrupted
                await self.session.interrupt()
        await stage.on_key(digit)

    async def _begun(self) -> Stage | None:
        """The stage that has the call; keys of the first moments wait until there is one."""
        for _ in range(int(BEGUN_WITHIN_S / 0.02)):
            if self.events.stage is not None and started(self.session):
                break
            await asyncio.sleep(0.02)
        return self.events.stage

    # People.

    def _published(self, _: rtc.RemoteTrackPublication | None, who: rtc.RemoteParticipant) -> None:
        """A colleague who begins to speak from the console has the call."""
        dialled = who.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP
        comes = who.identity not in self.call.gave_back
        if who.attributes.get(ROLE) == AGENT and not dialled and comes:
            self._tasks.spawn(self._taken_by(who.identity, who.name or who.identity))

    async def _taken_by(self, identity: str, name: str) -> None:
        stage = self.events.stage
        pause = self.call.pause
        if stage is None or self.call.ending is not None or (pause and pause.role == AGENT):
            return
        self.call.happen(HappeningKind.ANSWERED)
        if pause is None:
            stage.halt()
            await self.session.interrupt(force=True)
            said = stage.speak(stage.phrase("person.taken"), interruptible=False)
            await said.wait_for_playout()
        colleague = Actor(ActorKind.AGENT, name)
        await fall_silent(self.session, colleague)
        self.call.tell_handover(stage.place, str(colleague), "taken")
        if identity not in self.room.remote_participants:
            # Gone again while they were announced: nobody else would end the silence.
            await speak_again(self.session)

    def _left(self, who: rtc.RemoteParticipant) -> None:
        if who.identity == self.caller:
            if who.disconnect_reason in GONE_FOR_GOOD:
                self._end(self.call.ending or why_gone(who.disconnect_reason))
            else:
                self._tasks.spawn(self._caller_away(who))
            return
        pause, stage = self.call.pause, self.events.stage
        if stage is not None:
            self._tasks.spawn(stage.on_left(who.identity))
        if pause is not None and pause.who in (who.name, who.identity) and not self._stays(who):
            # Nobody is left to talk to: the caller is not left in silence.
            self._tasks.spawn(speak_again(self.session))

    def _stays(self, left: rtc.RemoteParticipant) -> bool:
        """Somebody goes on with their telephone, or in the browser: two participants of one name,
        of which the old one leaves."""
        there = self.room.remote_participants.values()
        return any(who.name == left.name and who.identity != left.identity for who in there)

    # The end.

    def _status(self, changed: dict[str, str], who: rtc.Participant) -> None:
        """The leg says that the phone has hung up before it leaves, and waits a moment for us."""
        if who.identity == self.caller and changed.get(STATUS) == GONE:
            self._end(self.call.ending or EndCause.CALLER_HUNG_UP)

    async def _caller_away(self, who: rtc.RemoteParticipant) -> None:
        """For a leg that died with its phone this does not wait so long: the steward sees it, and
        deletes the room."""
        phone = who.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP
        within = self.call.facts.settings.sip_rejoin_for if phone else self.web_back_within_s
        self.events.caller_away = True
        try:
            async with asyncio.timeout(within):
                while self.caller not in self.room.remote_participants:  # noqa: ASYNC110 polled
                    await asyncio.sleep(0.1)
        except TimeoutError:
            self._end(self.call.ending or EndCause.CALLER_HUNG_UP)
            return
        finally:
            self.events.caller_away = False
        log.info("caller.back")
        await self._apologise()

    async def _apologise(self) -> None:
        """The caller was cut off, or we were; both are back, what was said meanwhile is lost."""
        stage = self.events.stage
        if stage is None or self.call.pause is not None or self.call.ending is not None:
            return
        with contextlib.suppress(RuntimeError):  # what may not be interrupted is not
            await self.session.interrupt()
        stage.speak(stage.phrase("call.apology"))

    def _cut_off(self, reason: object) -> None:
        """The room is gone for us. Was it the end of the call, or only of our connection? A job
        that was cut off says no goodbye to the steward, which then looks whether a caller waits."""
        if reason not in (rtc.DisconnectReason.ROOM_DELETED, rtc.DisconnectReason.ROOM_CLOSED):
            self._end(self.call.ending or JobEnd.LOST)
            return
        there = self.caller in self.room.remote_participants
        self._end(self.call.ending or (why_gone(reason) if there else EndCause.CALLER_HUNG_UP))

    async def _stop_after(self, seconds: float) -> None:
        left = seconds - (self.call.services.now() - self.began).total_seconds()
        await asyncio.sleep(max(1.0, left))
        stage = self.events.stage
        if stage is not None:
            await stage.farewell(stage.phrase("call.too_long"), cause=EndCause.MAX_DURATION)

    def _end(self, cause: EndCause | JobEnd) -> None:
        if not self.over.done():
            self.over.set_result(cause)

    async def _leave_when(self, stale: asyncio.Event) -> None:
        """A newer job has the call."""
        await stale.wait()
        self._end(JobEnd.STALE)

    def figures(self) -> dict[str, float]:
        lasted = (self.call.services.now() - self.began).total_seconds()
        return {"duration_s": round(lasted, 2), "turns": float(self.events.turns)}

    def tell_held(self) -> None:
        """What waits for what comes next: nothing comes any more."""
        self.events.tell_held()
        self.keys.close()

    def report_end(self, cause: EndCause) -> None:
        self.call.tell(
            Ended(
                call=self.call.id,
                source=Source.AGENT,
                cause=cause,
                # A plain text is always written; the event would leave its own default out.
                by=ENDED_BY[cause].value,
                figures=self.figures(),
            )
        )

    # Coming back.

    def save(self) -> None:
        stage = self.events.stage
        if stage is None or self.over.done():
            return
        self.snapshots.save(snapshot_of(self.call, stage.speech_only(), self.began))

    def resumed(self, epoch: int, snapshot: Snapshot | None) -> None:
        if self.call.recorder is not None:
            self.call.recorder.resumed = True
        if snapshot is not None:
            self.began = datetime.fromtimestamp(snapshot.began, UTC)
        self.call.tell(Resumed(call=self.call.id, source=Source.AGENT, epoch=epoch))

    async def wind_up(self, lease: Lease, cause: EndCause | JobEnd) -> None:
        """Reports the end, unless the call goes on without this job; then lets go of everything."""
        log.info("call.over", cause=cause)
        self.tell_held()
        await self.keep_recording()
        await self.give_notice()
        if not isinstance(cause, JobEnd):
            self.report_end(cause)
            await self.snapshots.forget()
        if cause == JobEnd.LOST:
            await lease.abandon()
        else:
            await lease.release()
        await self.close()
        await self.session.aclose()

    async def close(self) -> None:
        await self._tasks.aclose()
        await self.transcriber.close()
        await self.seal.close()

    async def give_notice(self) -> None:
        """Tells those who are to hear about a message. Before the last report, which says whether
        they could be told; each has its own limit of time."""
        await asyncio.gather(*(notice() for notice in self.call.notices))

    async def keep_recording(self) -> None:
        """Before the last report: the record of a call names its recording."""
        if self.call.recorder is not None:
            await self.call.recorder.close()
