"""A stand-in of LiveKit's own SIP leg, for tests alone: what it does in the room, without SIP.

It asks the real livekit-server over the real Redis, as livekit-sip 1.11.0 does, and joins the room
as its participant, with its attributes, in its order: 180 until somebody's track is there, then
200; no answer at all where no trunk or rule fits; 486 where it is removed, or tired of ringing; no
event to anybody. What is a telephone's is a method: `ring`, then `cancel` or `hang_up`.

`python -m tests.fakes.livekit_sip --config FILE` is the process that a supervisor starts for it; it
answers on its health port and does nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import json
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from livekit import api, rtc
from livekit.protocol import sip as lk

from dialplans.process.background import Tasks
from sip.bridge.psrpc.bus import Bus
from sip.bridge.psrpc.client import Client
from sip.bridge.psrpc.server import Method, Server
from sip.bridge.room.options import options_for
from sip.bridge.wire import rpc_sip_pb2 as rpc
from tests.stack.servers import LiveKit

ACTIVE_AFTER_S = 0.2
"""The real one waits for the first packet of sound, or for a second."""
RATE = 48_000

Wanted = rpc.InternalCreateSIPParticipantRequest
Made = rpc.InternalCreateSIPParticipantResponse


@dataclass
class Telephone:
    """One call as the telephone sees it: `codes` are what it heard, in order; `final` is the last
    of them, None for as long as it rings. `bye` is set when we hang up."""

    codes: list[int] = field(default_factory=list)
    bye: asyncio.Event = field(default_factory=asyncio.Event)
    in_room: asyncio.Event = field(default_factory=asyncio.Event)
    """It rings, and everything is known that ever will be while it does."""
    _done: asyncio.Event = field(default_factory=asyncio.Event)
    room: rtc.Room = field(default_factory=rtc.Room)

    @property
    def final(self) -> int | None:
        return self.codes[-1] if self.codes and self.codes[-1] >= 200 else None

    @property
    def call(self) -> str:
        """The room's name, which is the call's; empty where there was none."""
        return self.room.name

    async def answered(self, within_s: float = 60.0) -> int | None:
        """The final answer; None if there was none in time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._done.wait(), within_s)
        return self.final

    def hears(self, code: int) -> None:
        if self.final is None:
            self.codes.append(code)
            if code >= 200:
                self._done.set()

    async def status(self, said: str) -> None:
        with contextlib.suppress(Exception):  # the room may be gone
            await self.room.local_participant.set_attributes({"sip.callStatus": said})

    async def cancel(self) -> None:
        """The caller hangs up while it rings."""
        self.hears(487)
        await self._gone()

    async def hang_up(self) -> None:
        await self._gone()

    async def _gone(self) -> None:
        await self.status("hangup")
        await self.room.disconnect()


class LivekitSip:
    """`async with` it. `answering` are numbers outside where somebody picks up."""

    def __init__(self, livekit: LiveKit) -> None:
        self._livekit = livekit
        self._bus = Bus(livekit.redis_url)
        self._client = Client(self._bus, "IOInfo")
        self._server = Server(self._bus, "SIPInternal")
        self._tasks = Tasks()
        self._phones: list[Telephone] = []
        self.answering: set[str] = set()
        self.dialled: list[Telephone] = []

    async def __aenter__(self) -> Self:
        await self._client.start()
        await self._server.register(Method("CreateSIPParticipant", Wanted, self._dial))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for phone in (*self._phones, *self.dialled):
            await phone.room.disconnect()
        await self._tasks.aclose()
        await self._bus.aclose()

    async def ring(
        self,
        called: str,
        caller: str,
        *,
        source: str = "127.0.0.1",
        host: str = "",
        privacy: str = "",
    ) -> Telephone:
        """An INVITE from `source`, with `host` in its From or the same; returns when it rings."""
        phone = Telephone()
        self._phones.append(phone)
        call = rpc.SIPCall(
            lk_call_id=f"SCL_{secrets.token_hex(6)}",
            source_ip=source,
            address=lk.SIPUri(user=called, host="127.0.0.1"),
            to=lk.SIPUri(user=called, host="127.0.0.1"),
            sip_call_id=f"{secrets.token_hex(8)}@{source}",
        )
        getattr(call, "from").CopyFrom(lk.SIPUri(user=caller, host=host or source))
        asked = rpc.GetSIPTrunkAuthenticationRequest(call=call)
        reply = rpc.GetSIPTrunkAuthenticationResponse
        trunk = await self._client.call("GetSIPTrunkAuthentication", asked, reply=reply)
        if trunk.username and trunk.password:
            phone.hears(407)
            return phone
        phone.codes.append(180)
        self._tasks.spawn(self._run(phone, call, trunk.sip_trunk_id, privacy))
        return phone

    async def _run(self, phone: Telephone, call: rpc.SIPCall, trunk: str, privacy: str) -> None:
        found = await self._client.call(
            "EvaluateSIPDispatchRules",
            rpc.EvaluateSIPDispatchRulesRequest(
                sip_trunk_id=trunk,
                call=call,
                calling_number=getattr(call, "from").user,
                called_number=call.to.user,
            ),
            reply=rpc.EvaluateSIPDispatchRulesResponse,
        )
        if found.result == rpc.DROP:
            return  # the transaction ends without an answer: it rings on
        await self._join(phone, _token(self._livekit, found), found.ws_url)
        late = {
            "sip.callIDFull": call.sip_call_id,
            "sip.callTag": secrets.token_hex(4),
            "sip.callStatus": "ringing",
        }
        wanted = found.headers_to_attributes.get("Privacy")
        if privacy and wanted:
            late[wanted] = privacy
        await phone.room.local_participant.set_attributes(late)
        phone.in_room.set()
        patience = found.ringing_timeout.ToTimedelta().total_seconds() or 180.0
        if await _until_sound(phone, patience):
            await self._talk(phone)

    async def _talk(self, phone: Telephone) -> None:
        phone.hears(200)
        await asyncio.sleep(ACTIVE_AFTER_S)
        await phone.status("active")

    async def _join(self, phone: Telephone, token: str, url: str) -> None:
        def gone(reason: rtc.DisconnectReason.ValueType) -> None:
            if reason != rtc.DisconnectReason.CLIENT_INITIATED:
                phone.hears(486)
                phone.bye.set()

        phone.room.on("disconnected", gone)
        url = url or self._livekit.url
        await phone.room.connect(url, token, replace(options_for(url), auto_subscribe=True))
        source = rtc.AudioSource(RATE, 1)
        track = rtc.LocalAudioTrack.create_audio_track(
            phone.room.local_participant.identity, source
        )
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await phone.room.local_participant.publish_track(track, options)

    async def _dial(self, wanted: Wanted) -> Made:
        """CreateSIPParticipant: it is in the room while it rings at the other end."""
        phone = Telephone()
        self.dialled.append(phone)
        await self._join(phone, _token(self._livekit, wanted), wanted.ws_url)
        await phone.status("dialing")
        await phone.status("ringing")
        if wanted.call_to in self.answering:
            await self._talk(phone)
        me = phone.room.local_participant
        return Made(
            participant_id=me.sid,
            participant_identity=me.identity,
            sip_call_id=wanted.sip_call_id,
        )


async def _until_sound(phone: Telephone, patience: float) -> bool:
    """Whether somebody's track came, as long as it rings."""
    heard = asyncio.Event()
    phone.room.on("track_subscribed", lambda *_: heard.set())
    ending = asyncio.ensure_future(phone.answered(patience))
    sound = asyncio.ensure_future(heard.wait())
    try:
        await asyncio.wait({ending, sound}, return_when=asyncio.FIRST_COMPLETED)
        if phone.final is None and not heard.is_set():
            phone.hears(486)
            await phone.room.disconnect()  # its status stays what it was
        return phone.final is None
    finally:
        ending.cancel()
        sound.cancel()


def _token(livekit: LiveKit, found: rpc.EvaluateSIPDispatchRulesResponse | Wanted) -> str:
    """The server's attributes are in it, the leg's own come when it is in the room."""
    grants = api.VideoGrants(
        room_join=True,
        room=found.room_name,
        can_publish=True,
        can_subscribe=True,
        can_publish_data=True,
        can_update_own_metadata=True,
    )
    made = (
        api.AccessToken(livekit.key, livekit.secret)
        .with_identity(found.participant_identity)
        .with_name(found.participant_name)
        .with_metadata(found.participant_metadata)
        .with_kind("sip")
        .with_attributes(dict(found.participant_attributes))
        .with_grants(grants)
    )
    if not isinstance(found, Wanted):
        made = made.with_room_config(found.room_config)
    return made.to_jwt()


@contextlib.asynccontextmanager
async def livekit_sip(livekit: LiveKit) -> AsyncIterator[LivekitSip]:
    async with LivekitSip(livekit) as leg:
        yield leg


def program(folder: Path) -> Path:
    """An executable for SWITCHBOARD_LIVEKIT_SIP."""
    file = folder / "livekit-sip"
    file.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.fakes.livekit_sip "$@"\n')
    file.chmod(0o755)
    return file


class _Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def main(config: Mapping[str, object]) -> None:
    http.server.HTTPServer(("127.0.0.1", int(str(config["health_port"]))), _Health).serve_forever()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[sys.argv.index("--config") + 1]).read_text("utf-8")))
