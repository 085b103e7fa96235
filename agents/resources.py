"""What all calls of a process share."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from livekit import api
from livekit.agents import JobContext, vad
from redis.asyncio import Redis

from agents.admission.entrance import Entrance, recorded
from agents.call.call_control import CallControl
from agents.call.setup import set_up_call
from agents.call.snapshot import Snapshot, Snapshots
from agents.call.state import CallFacts, CallServices, CallState
from agents.company.agent_presence import RedisAgentPresence
from agents.company.demo_company import DemoCompany
from agents.company.phrases import phrases
from agents.job.caller import Caller, context
from agents.job.lease import Lease
from agents.plans import PinnedPlan, Plans, usual_intents
from agents.providers.models import Choices, choose
from agents.providers.session_factory import SessionFactory, voice_detector
from agents.settings import Settings
from agents.speech.client.client import SpeechClient
from agents.stage_factory import stage_for
from dialplans.contracts.events import Journal
from dialplans.contracts.jobs import Claim
from dialplans.contracts.outbox import Outbox
from dialplans.engine.limits.shared_call_counts import CallCounts
from dialplans.revisions.store import PlanStore
from dialplans.speech.voices import EVERY, Voices
from dialplans.telephony.numbers import load_numbering

log = structlog.get_logger(__name__)

EVENTS_HELD = 5_000
"""While Redis is away; more than a long call makes."""


@dataclass
class Resources:
    """Made before there is a call, so that making it costs no caller any time; connections are
    opened by `open`, in the loop of the call."""

    settings: Settings
    choices: Choices
    crm: DemoCompany
    vad: vad.VAD
    plans: Plans
    voices: Voices = EVERY
    _redis: Redis | None = field(default=None, repr=False)
    _speech: SpeechClient | None = None
    _server: api.LiveKitAPI | None = field(default=None, repr=False)
    _outbox: Outbox | None = None

    @classmethod
    def prepared(cls, settings: Settings) -> Resources:
        choices = choose(settings, os.environ)
        crm = DemoCompany(settings.company)
        crm.prepare(datetime.now(UTC).date())
        load_numbering()
        plans = Plans(None, settings.dialplan)
        plans.read_ahead()
        usual_intents()
        for language in ("en", "de"):
            phrases(language)
        detector = voice_detector(choices.vad, settings.vad_silence)
        return cls(settings, choices, crm, detector, plans, choices.voices)

    async def open(self) -> None:
        self._redis = Redis.from_url(self.settings.redis_url, socket_timeout=2.0)
        self._outbox = Outbox(Journal(self._redis), most=EVENTS_HELD)
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

    def call(
        self,
        room: str,
        plan: PinnedPlan,
        caller: Caller,
        before: Snapshot | None,
        *,
        control: CallControl,
    ) -> CallState:
        """A call as it begins, or as the last job left it."""
        assert self._outbox is not None
        services = CallServices(
            control=control,
            outbox=self._outbox,
            crm=self.crm,
            presence=RedisAgentPresence(self.redis),
            stage_for=stage_for,
            now=lambda: datetime.now(UTC),
        )
        facts = CallFacts(context(plan.plan, room, caller), plan, self.settings)
        return set_up_call(facts, services, self._providers, before=before)

    async def entrance(
        self, room: str, plan: PinnedPlan, caller: Caller, *, inside: bool
    ) -> Entrance | None:
        """None if the plan refuses the call: that is on record then. `inside` is a call that was
        let in before; one whose leg has asked is, too."""
        call = context(plan.plan, room, caller)
        counts = CallCounts(self.redis)
        entrance = Entrance(call, plan, counts, self.settings.sip_max_calls)
        if not caller.behind_another_leg:
            return entrance
        refused = None if inside else await entrance.refusal()
        if refused is None:
            entrance.stay()
            return entrance
        log.info("call.refused", code=refused.code, reason=refused.reason)
        assert self._outbox is not None
        self._outbox.add(recorded(call, refused))
        return None

    def _providers(self, language: str) -> SessionFactory:
        assert self._speech is not None
        heard = self.voices.heard(language)
        return SessionFactory(
            self.choices, self.settings, self._speech, heard, self.vad, self.voices
        )

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

    async def close(self) -> None:
        """Sends what is still to be reported, and lets go of the connections."""
        if self._outbox is not None:
            await self._outbox.aclose()
        if self._speech is not None:
            await self._speech.aclose()
        if self._server is not None:
            await self._server.aclose()
        await self.redis.aclose()
