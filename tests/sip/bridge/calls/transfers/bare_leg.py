"""A leg's calls over real SIP sockets, without a room and without media workers behind them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from livekit.protocol import sip as lk

from dialplans.contracts.events import Event, Problem
from dialplans.engine.compiled import CompiledPlan
from dialplans.language.load import load_text
from dialplans.process.background import Tasks
from sip.bridge.admission.plan_policy import PlanPolicy
from sip.bridge.calls.call import Call
from sip.bridge.calls.kept import Origin
from sip.bridge.calls.outcome import ROOM_CLOSED
from sip.bridge.calls.reinvite import Renegotiation
from sip.bridge.calls.remote_sound import Allowed, MediaNames
from sip.bridge.calls.terms import Terms
from sip.bridge.calls.transfers.transfer import serve_transfer
from sip.bridge.carriers.carriers import Carriers
from sip.bridge.carriers.dns import Dns
from sip.bridge.media.address import Ours
from sip.bridge.media.stream import Remote
from sip.bridge.registration.registrations import Registrations
from sip.bridge.runtime.settings import ApiKey
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.formats import ALL
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import CONTENT_TYPE, parse
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.server_transaction import ServerTransaction
from tests.sip.bridge.caller import phones

NOBODY = ApiKey("ws://127.0.0.1:9", "key", "s" * 32)
LONG = Terms(3600.0, 3600.0, 3600.0)


@dataclass
class Sound:
    """Of one call: where it is sent, and nothing of what is said."""

    room: str
    port: int
    aimed: list[Remote] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    rate: int = 16_000

    def __post_init__(self) -> None:
        self.gone = asyncio.Event()
        self.spec = SimpleNamespace(room=self.room)
        self.hung_up_on = False
        self.figures = SimpleNamespace(
            heard_at=None,
            received=0,
            sent=0,
            lost=0,
            late=0,
            strangers=0,
            unreadable=0,
            jitter_ms=0.0,
            quality={},
            codec="",
        )

    def aim(self, remote: Remote, *, agreed: bool = True) -> None:
        self.aimed.append(remote)

    def set_attributes(self, changed: dict[str, str]) -> None:
        self.attributes.update(changed)

    def set_status(self, status: str) -> None:
        self.attributes["sip.callStatus"] = status

    async def close(self, reason: int = 0) -> None:
        self.gone.set()

    def _nothing(self, *args: Any, **more: Any) -> None: ...

    direct = agreed = keep = key = _nothing


class Methods:
    async def register(self, method: Any) -> None: ...

    async def deregister(self, *names: str) -> None: ...


class Leg:
    """Answers every INVITE with a call in the room that its user names; `line` is whose it is."""

    def __init__(self, endpoint: Endpoint, plan: str, line: str) -> None:
        self.endpoint = endpoint
        self.line = line
        self.events: list[Event] = []
        self.calls: dict[str, Any] = {}
        loaded = load_text(plan, others={"p.md": "You are the reception."})
        assert loaded.plan is not None, loaded.report()
        ready = CompiledPlan(loaded.plan)
        nothing = SimpleNamespace(
            labels=lambda *of: SimpleNamespace(inc=int, dec=int), inc=lambda n: None
        )
        self.services: Any = SimpleNamespace(
            endpoint=endpoint,
            settings=SimpleNamespace(host="127.0.0.1", sip_min_session_expires=90, api_key=NOBODY),
            ours=Ours(),
            names=MediaNames(),
            tasks=Tasks(),
            outbox=SimpleNamespace(add=self.events.append),
            methods=Methods(),
            calls=self.calls,
            carriers=Carriers(Dns()),
            registrations=Registrations(endpoint, {}),
            admission=SimpleNamespace(policy=PlanPolicy(SimpleNamespace(current=ready))),
            trace=SimpleNamespace(claim=lambda *of: None, over=lambda name: None),
            garbage=SimpleNamespace(call_ended=lambda: None),
            hep=None,
            metrics=SimpleNamespace(
                calls=nothing,
                ended=nothing,
                packets=nothing,
                lost_packets=nothing,
                observe_quality=lambda figures: None,
            ),
        )
        endpoint.on_invite = self._invited

    @property
    def problems(self) -> list[Problem]:
        return [event for event in self.events if isinstance(event, Problem)]

    def in_room(self, room: str) -> Call:
        return next(one for one in self.calls.values() if one.room == room)

    def _invited(self, transaction: ServerTransaction) -> None:
        room = transaction.request.uri.partition(":")[2].partition("@")[0]
        number = len(self.calls) + len(self.events)
        sound: Any = Sound(room, 40000 + 2 * number)
        negotiation = Negotiation(Local("127.0.0.1", sound.port), ALL)
        allowed = Allowed(Ours(), transaction.flow.peer[0])
        agreed = negotiation.answer(parse(transaction.request.text), allowed)
        transaction.to_tag = f"SCL_{number}{time.monotonic_ns()}"
        dialog = Dialog.answering(self.endpoint, transaction)
        updates: Any = SimpleNamespace(
            info=lk.SIPCallInfo(), send=lambda *of: None, send_transfer=lambda info: None
        )
        call = Call(self.services, transaction.to_tag, sound, "in", updates)
        call.origin = Origin(called="+498920001000", caller="+4917012345", line=self.line)
        call.further_leg = None if room.islower() else transaction.to_tag
        call.answered = time.monotonic()
        self.calls[call.id] = call
        self.services.tasks.spawn(self._run(call, dialog, negotiation, agreed, allowed))
        contact = ("Contact", self.endpoint.contact(transaction.flow))
        transaction.respond(
            200, headers=[contact, ("Content-Type", CONTENT_TYPE)], body=negotiation.said
        )

    async def _run(self, call: Call, dialog: Dialog, negotiation: Negotiation, *heard: Any) -> None:
        await serve_transfer(call, call.updates)
        renegotiation = Renegotiation(
            dialog, call.media, negotiation=negotiation, services=self.services
        )
        call.take(dialog, renegotiation)
        renegotiation.begin(*heard)
        await call.hang_up(await call.last(LONG, None))


@contextlib.asynccontextmanager
async def bare_leg(plan: str, line: str = "trunk pbx") -> AsyncIterator[Leg]:
    async with phones() as line_of:
        made = Leg(line_of.endpoint, plan, line)
        try:
            yield made
        finally:
            for call in tuple(made.calls.values()):
                call.end(ROOM_CLOSED)
            await made.services.tasks.finish()
            await made.services.tasks.aclose()
