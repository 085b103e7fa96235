"""Everything a gateway is made of, put together once; handlers ask for parts by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis

from dialplans.contracts.events import Journal
from gateway.access.admission import Doorkeeper
from gateway.access.eviction import Eviction
from gateway.access.guest_list import GuestList
from gateway.access.livekit import Rooms
from gateway.access.routes import TokenIssuer
from gateway.access.tokens import Mint
from gateway.access.web_calls import WebCalls
from gateway.access.webhook_receiver import Signature
from gateway.access.webhooks import Police
from gateway.acd.claims import Claims
from gateway.acd.dispatcher import Dispatcher
from gateway.acd.seat_store import Book
from gateway.acd.service import Desk
from gateway.acd.watch import DeskWatch
from gateway.http.console import ConsoleFiles
from gateway.http.health import Checks
from gateway.identity.oidc import Oidc
from gateway.identity.people import People
from gateway.identity.revocation import Revocation
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import Entrance
from gateway.identity.throttling.failures import Failures
from gateway.identity.throttling.throttle import Throttle
from gateway.live.feed import Feed
from gateway.live.live_state import Picture
from gateway.live.pubsub import Wire
from gateway.live.subscriber import Tail
from gateway.local.log_file import Logs
from gateway.metrics import Metrics
from gateway.records.consumer import Ledger
from gateway.records.retention import Retention
from gateway.records.search import Search
from gateway.records.store import Batch, Records
from gateway.records.stream import Stream
from gateway.routing.current import CurrentPlan
from gateway.routing.deployment import Applying
from gateway.routing.drafts import Trying
from gateway.routing.follow import PlanFollower
from gateway.settings import Settings
from gateway.sounds.routes import Hearing
from gateway.sounds.sound_files import SoundFiles, Strays
from gateway.storage.audit import Audit
from gateway.storage.database import Database
from gateway.supervise.commands import Acting
from gateway.supervise.participation_store import Stands
from gateway.supervise.rejoining import Rejoining
from gateway.supervise.service import Supervision
from gateway.supervise.voice_coaching import Ear


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
    entrance: Entrance
    feed: Feed
    tail: Tail
    ledger: Ledger
    sound_files: SoundFiles
    hearing: Hearing
    retention: Retention
    metrics_: Metrics
    rooms: Rooms
    signature: Signature
    police: Police
    supervision: Supervision
    acting: Acting
    desk: Desk
    desk_watch: DeskWatch
    dispatcher: Dispatcher
    plan: CurrentPlan
    plan_follower: PlanFollower
    trying: Trying
    applying: Applying
    webcalls: WebCalls
    token_issuer: TokenIssuer
    checks: Checks
    console_files: ConsoleFiles


def build(settings: Settings) -> Container:
    """Nothing is opened here: clients connect when they are first used."""
    redis = Redis.from_url(settings.redis_url, socket_timeout=15.0)
    database = Database(settings.database_url)
    journal, wire = Journal(redis), Wire(redis)
    records, search, audit = Records(database), Search(database), Audit(database)
    feed = Feed(records, Picture(settings.service_level_s))
    mint, rooms, guests = Mint(settings), Rooms(settings), GuestList(redis)
    metrics = Metrics(feed)
    people = People(database)
    sessions = Sessions(database, hours=settings.session_hours)
    doorkeeper = Doorkeeper(mint, guests, rooms, sessions=sessions, metrics=metrics)

    async def publish(batch: Batch) -> None:
        metrics.count(batch)
        await wire.committed(batch)
        for row in batch.rows:
            if row.listeners:
                await supervision.tell(row)

    async def gone(call: str, who: str, identity: str) -> None:
        await supervision.silence(call, who, lost=identity)
        desk_watch.left(identity)

    stands = Stands(redis)
    claims = Claims(Book(redis, wire), stands)
    supervision = Supervision(
        stands,
        claims,
        doorkeeper=doorkeeper,
        rooms=rooms,
        records=records,
        trail=(audit, journal, wire),
    )
    desk = Desk(
        claims,
        doorkeeper,
        rooms,
        records=records,
        trail=(audit, journal),
        ring_for=timedelta(seconds=settings.offer_s),
    )
    desk_watch = DeskWatch(desk, rooms, journal)
    plan = CurrentPlan(redis, settings.dialplan)
    sounds, stream = SoundFiles(settings.home), Stream(redis)
    webcalls = WebCalls(
        plan,
        doorkeeper,
        feed.picture,
        journal=journal,
        throttle=Throttle(redis, "web-call", settings.web_calls_per_minute),
    )
    police = Police(guests, doorkeeper, journal, records=records, webcalls=webcalls, gone=gone)
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
        eviction=Eviction(sessions, guests, doorkeeper, police=police, desk=desk),
        oidc=Oidc(settings.oidc, redis),
        entrance=Entrance(
            redis, settings, people, failures=Failures(redis, audit), metrics=metrics
        ),
        feed=feed,
        tail=Tail(redis, feed, records),
        metrics_=metrics,
        ledger=Ledger(redis, records, publish),
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
        police=police,
        supervision=supervision,
        acting=Acting(records, rooms, desk, ear=Ear(settings.speech_path), trail=(audit, journal)),
        desk=desk,
        desk_watch=desk_watch,
        dispatcher=Dispatcher(desk, feed, settings),
        plan=plan,
        plan_follower=PlanFollower(redis, plan.store, feed),
        trying=Trying(plan, database),
        applying=Applying(plan, audit, settings.livekit_environment),
        webcalls=webcalls,
        token_issuer=TokenIssuer(webcalls, rejoining.again, proxies=settings.trusted_proxy),
        checks=Checks({"database": records.head, "redis": redis.ping, "livekit": rooms.ping}),
        console_files=ConsoleFiles(settings.web_dist),
    )
