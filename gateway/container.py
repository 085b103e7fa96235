"""Everything a gateway is made of, put together once; handlers ask for parts by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis

from dialplans.contracts.events import Journal
from gateway.access.admission import Admission
from gateway.access.eviction import Eviction
from gateway.access.far_legs import FarLegs
from gateway.access.guest_list import GuestList
from gateway.access.livekit import Rooms
from gateway.access.routes import TokenIssuer
from gateway.access.telephones import TelephoneLegs
from gateway.access.tokens import TokenFactory
from gateway.access.web_calls import WebCalls
from gateway.access.webhook_receiver import Signature
from gateway.access.webhooks import Webhooks
from gateway.acd.claims import Claims
from gateway.acd.dispatcher import Dispatcher
from gateway.acd.seat_store import SeatStore
from gateway.acd.seat_telephones import SeatTelephones
from gateway.acd.service import Desk
from gateway.acd.telephone_calls import TelephoneCalls
from gateway.acd.watch import DeskWatch
from gateway.http.console import ConsoleFiles
from gateway.http.health import Checks
from gateway.identity.oidc import Oidc
from gateway.identity.people import People
from gateway.identity.revocation import Revocation
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignInAttempts
from gateway.identity.throttling.failures import Failures
from gateway.identity.throttling.throttle import Throttle
from gateway.live.feed import Feed
from gateway.live.live_state import LiveState
from gateway.live.pubsub import Publisher
from gateway.live.subscriber import Subscriber
from gateway.local.log_file import Logs
from gateway.metrics import Metrics
from gateway.records.consumer import EventConsumer
from gateway.records.retention import Retention
from gateway.records.search import Search
from gateway.records.store import Batch, Records
from gateway.records.stream import Stream
from gateway.routing.current import CurrentPlan
from gateway.routing.deployment import Deployment
from gateway.routing.drafts import Drafts
from gateway.routing.follow import PlanFollower
from gateway.settings import Settings
from gateway.sounds.routes import Hearing
from gateway.sounds.sound_files import SoundFiles, Strays
from gateway.storage.audit import Audit
from gateway.storage.database import Database
from gateway.supervise.commands import Commands
from gateway.supervise.participation_store import ParticipationStore
from gateway.supervise.rejoining import Rejoining
from gateway.supervise.service import Supervision
from gateway.supervise.voice_coaching import VoiceCoaching


@dataclass(frozen=True)
class Container:
    """The names of the fields are the names of dependencies. None may be a field of a request's
    body: Litestar would take a mistake in that for a mistake of ours, and answer 500."""

    settings: Settings
    redis: Redis
    database: Database
    journal: Journal
    records: Records
    search: Search
    audit: Audit
    people: People
    sessions: Sessions
    revocation: Revocation
    eviction: Eviction
    oidc: Oidc
    sign_in_attempts: SignInAttempts
    feed: Feed
    subscriber: Subscriber
    event_consumer: EventConsumer
    sound_files: SoundFiles
    hearing: Hearing
    retention: Retention
    metrics_: Metrics
    rooms: Rooms
    signature: Signature
    webhooks: Webhooks
    supervision: Supervision
    commands: Commands
    desk: Desk
    desk_watch: DeskWatch
    dispatcher: Dispatcher
    telephone_calls: TelephoneCalls
    plan: CurrentPlan
    plan_follower: PlanFollower
    drafts: Drafts
    deployment: Deployment
    webcalls: WebCalls
    token_issuer: TokenIssuer
    checks: Checks
    console_files: ConsoleFiles


def build(settings: Settings) -> Container:
    """Nothing is opened here: clients connect when they are first used."""
    redis = Redis.from_url(settings.redis_url, socket_timeout=15.0)
    database = Database(settings.database_url)
    journal, publisher = Journal(redis), Publisher(redis)
    records, search, audit = Records(database), Search(database), Audit(database)
    feed = Feed(records, LiveState(settings.service_level_s))
    token_factory, rooms, guests = TokenFactory(settings), Rooms(settings), GuestList(redis)
    metrics = Metrics(feed)
    people = People(database)
    sessions = Sessions(database, hours=settings.session_hours)
    admission = Admission(token_factory, guests, rooms, sessions=sessions, metrics=metrics)

    async def publish(batch: Batch) -> None:
        metrics.count(batch)
        await publisher.committed(batch)
        for row in batch.rows:
            if row.listeners:
                await supervision.tell(row)
        for entry in batch.entries:
            telephone_calls.heard(entry.event)

    async def gone(call: str, who: str, identity: str) -> None:
        await supervision.silence(call, who, lost=identity)
        desk_watch.left(identity)

    plan = CurrentPlan(redis, settings.dialplan)
    legs = TelephoneLegs(rooms, guests)
    participations = ParticipationStore(redis)
    claims = Claims(SeatStore(redis, publisher), participations)
    supervision = Supervision(
        participations,
        claims,
        admission=admission,
        rooms=rooms,
        records=records,
        trail=(audit, journal, publisher),
    )
    desk = Desk(
        claims,
        admission,
        rooms,
        records=records,
        trail=(audit, journal),
        telephones=(
            SeatTelephones(redis, plan, people, ring_for=timedelta(seconds=settings.offer_s)),
            legs,
        ),
    )
    telephone_calls = TelephoneCalls(desk, records, legs)
    desk_watch = DeskWatch(desk, rooms, journal)
    sounds, stream = SoundFiles(settings.home), Stream(redis)
    webcalls = WebCalls(
        plan,
        admission,
        feed.live_state,
        journal=journal,
        throttle=Throttle(redis, "web-call", settings.web_calls_per_minute),
    )
    webhooks = Webhooks(
        guests,
        admission,
        journal,
        records=records,
        webcalls=webcalls,
        far_legs=FarLegs(journal, records, plan),
        gone=gone,
    )
    rejoining = Rejoining(supervision, desk, records)
    return Container(
        settings=settings,
        redis=redis,
        database=database,
        journal=journal,
        records=records,
        search=search,
        audit=audit,
        people=people,
        sessions=sessions,
        revocation=Revocation(sessions),
        eviction=Eviction(sessions, guests, admission, webhooks=webhooks, desk=desk),
        oidc=Oidc(settings.oidc, redis),
        sign_in_attempts=SignInAttempts(
            redis, settings, people, failures=Failures(redis, audit), metrics=metrics
        ),
        feed=feed,
        subscriber=Subscriber(redis, feed, records),
        metrics_=metrics,
        event_consumer=EventConsumer(redis, records, publish),
        sound_files=sounds,
        hearing=Hearing(records, sounds, audit, redis),
        retention=Retention(
            database,
            audit,
            sounds,
            days=settings.retention_days,
            audit_days=settings.audit_days,
            elsewhere=(Strays(sounds), Logs(settings.home / "logs", settings.log_days), stream),
            told=stream.tell,
        ),
        rooms=rooms,
        signature=Signature(settings),
        webhooks=webhooks,
        supervision=supervision,
        commands=Commands(
            records,
            rooms,
            desk,
            voice_coaching=VoiceCoaching(settings.speech_path),
            trail=(audit, journal),
        ),
        desk=desk,
        desk_watch=desk_watch,
        dispatcher=Dispatcher(desk, feed, settings),
        telephone_calls=telephone_calls,
        plan=plan,
        plan_follower=PlanFollower(redis, plan.store, feed),
        drafts=Drafts(plan, database),
        deployment=Deployment(plan, audit, settings.livekit_environment),
        webcalls=webcalls,
        token_issuer=TokenIssuer(webcalls, rejoining.again, proxies=settings.trusted_proxy),
        checks=Checks({"database": records.head, "redis": redis.ping, "livekit": rooms.ping}),
        console_files=ConsoleFiles(settings.web_dist),
    )
