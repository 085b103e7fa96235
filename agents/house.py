"""What all calls of a process share, and how a call is put together from it and wound up."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import structlog
from livekit import api
from livekit.agents import AgentSession, JobContext, vad
from redis.asyncio import Redis

from agents.arrival import Arrival, context
from agents.causes import LOST, STALE
from agents.company import Customer
from agents.demo_company import DemoCompany
from agents.desk import SOURCE, Desk, Line
from agents.job import Job
from agents.kit import Kit, voice_detector
from agents.lease import Lease
from agents.models import Choices, choose
from agents.people import RedisPeople
from agents.phrases import phrases
from agents.plans import Pinned, Plans, usual_intents
from agents.report import Report
from agents.settings import Settings
from agents.snapshot import Snapshot, Snapshots
from agents.speech.client.client import SpeechClient
from agents.voice import voice_of
from dialplans.contracts.events import Journal, Routed
from dialplans.contracts.jobs import Claim
from dialplans.engine.decision import Decision, Destination
from dialplans.engine.route import route, trace
from dialplans.engine.state import State, begin
from dialplans.revisions.store import PlanStore
from dialplans.speech.voices import EVERY, Voices
from dialplans.telephony.numbers import load_numbering

log = structlog.get_logger(__name__)


@dataclass
class House:
    """Made before there is a call, so that making it costs no caller any time; connections are
    opened by `open`, in the loop of the call."""

    settings: Settings
    choices: Choices
    company: DemoCompany
    vad: vad.VAD
    plans: Plans
    voices: Voices = EVERY
    _redis: Redis | None = field(default=None, repr=False)
    _speech: SpeechClient | None = None
    _server: api.LiveKitAPI | None = field(default=None, repr=False)
    _report: Report | None = None

    @classmethod
    def prepared(cls, settings: Settings) -> House:
        choices = choose(settings, os.environ)
        company = DemoCompany(settings.company)
        company.prepare(datetime.now(UTC).date())
        load_numbering()
        plans = Plans(None, settings.dialplan)
        plans.read_ahead()
        usual_intents()
        for language in ("en", "de"):
            phrases(language)
        detector = voice_detector(choices.vad, settings.vad_silence)
        return cls(settings, choices, company, detector, plans, choices.voices)

    async def open(self) -> None:
        self._redis = Redis.from_url(self.settings.redis_url, socket_timeout=2.0)
        self._report = Report(Journal(self._redis))
        self._speech = SpeechClient(self.settings.speech)
        self.plans.use(PlanStore(self._redis))

    @property
    def redis(self) -> Redis:
        assert self._redis is not None
        return self._redis

    @property
    def server(self) -> api.LiveKitAPI:
        """Not the job's own client: that one first builds a TLS context, while the caller waits.
        A call from the terminal needs none at all, and has no keys."""
        if self._server is None:
            self._server = api.LiveKitAPI(
                self.settings.livekit_url.replace("ws", "http", 1),
                self.settings.livekit_api_key,
                self.settings.livekit_api_secret,
            )
        return self._server

    def snapshots(self, call: str) -> Snapshots:
        return Snapshots(self.redis, call)

    def desk(
        self,
        room: str,
        plan: Pinned,
        arrival: Arrival,
        before: Snapshot | None,
        *,
        line: Line,
    ) -> Desk:
        """The state of a call at its beginning, or where the last job left it."""
        assert self._report is not None
        assert self._speech is not None
        call = context(plan.plan, room, arrival)
        now = datetime.now(UTC)
        decision = route(plan.compiled, call, now)
        language = before.language if before else decision.language
        heard = self.voices.heard(language)
        desk = Desk(
            call=call,
            plan=plan,
            settings=self.settings,
            kit=Kit(self.choices, self.settings, self._speech, heard, self.vad, self.voices),
            line=line,
            report=self._report,
            company=self.company,
            people=RedisPeople(self.redis),
            phrases=phrases(heard),
            voice=voice_of(self.settings, self.choices, heard),
            state=replace(begin(call, decision, now), language=language),
            now=lambda: datetime.now(UTC),
        )
        if before is None:
            desk.tell(_routed(desk, decision))
        else:
            _restore(desk, before)
        desk.say_what_is_not_spoken()
        return desk

    def job(
        self,
        ctx: JobContext,
        session: AgentSession[Desk],
        snapshots: Snapshots,
        arrival: Arrival,
    ) -> Job:
        return Job(ctx.room, session, snapshots, arrival.identity)

    def lease(self, ctx: JobContext, epoch: int) -> Lease:
        """Claimed first of all: until then the steward may think that nobody comes."""
        claim = Claim(
            call=ctx.job.room.name,
            epoch=epoch,
            worker=ctx.worker_id,
            identity=ctx.local_participant_identity,
        )
        lease = Lease(claim, socket=self.settings.lease, redis=self.redis)
        lease.start()
        return lease

    async def wind_up(self, job: Job, lease: Lease, cause: str) -> None:
        """Reports the end, unless the call goes on without this job; then lets go of everything."""
        log.info("call.over", cause=cause)
        job.tell_held()
        await job.keep_recording()
        await job.give_notice()
        goes_on = cause in (LOST, STALE)
        if not goes_on:
            job.report_end(cause)
            await job.snapshots.forget()
        if cause == LOST:
            await lease.abandon()
        else:
            await lease.release()
        await job.close()
        await job.session.aclose()
        await self.close()

    async def close(self) -> None:
        """Sends what is still to be reported, and lets go of the connections."""
        if self._report is not None:
            await self._report.close()
        if self._speech is not None:
            await self._speech.aclose()
        if self._server is not None:
            await self._server.aclose()
        await self.redis.aclose()


def _routed(desk: Desk, decision: Decision) -> Routed:
    return Routed(
        call=desk.call.call_id,
        source=SOURCE,
        decision_kind=decision.action.kind,
        decision_name=decision.action.name or None,
        steps=[
            {"rule": step.rule, "matched": step.matched, "because": step.because}
            for step in trace(desk.plan.compiled, desk.call, decision)
        ],
        revision=desk.plan.revision,
        local_time=decision.local_time,
    )


def _restore(desk: Desk, before: Snapshot) -> None:
    """The call is where it was. A place that the plan has no more is where the plan begins it."""
    kind, _, name = before.place.partition(" ")
    state: State = desk.state
    if kind in ("persona", "menu", "queue", "target", "voicemail"):
        state = state.arrive(Destination(kind, name), "resume", "the job before this one died")
    desk.state = state
    desk.facts = list(before.facts)
    desk.heard = list(before.heard)
    desk.path = list(before.path)[:-1]
    desk.consent = before.consent
    if before.customer:
        desk.customer = Customer(before.customer, before.customer_name)
