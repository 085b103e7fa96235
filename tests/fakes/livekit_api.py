"""livekit-server over HTTP (Twirp), for telephones: whom it was asked to ring and to remove."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import uvicorn
from google.protobuf.message import Message
from litestar import Litestar, Response, post
from litestar.params import FromPath, RawBody
from livekit import api

TRUNK = "switchboard/main/outbound/.telephones"


@dataclass
class FakeLiveKit:
    """`away`: it knows of no trunk for telephones. `rung` and `removed` are in order; `attributes`
    is what was set, by identity."""

    url: str = ""
    away: bool = False
    rung: list[api.CreateSIPParticipantRequest] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=dict)
    """room → identities"""

    def answer(self, method: str, body: bytes) -> Message:
        match method:
            case "ListSIPOutboundTrunk":
                trunk = api.SIPOutboundTrunkInfo(sip_trunk_id="ST_1", name=TRUNK)
                return api.ListSIPOutboundTrunkResponse(items=[] if self.away else [trunk])
            case "CreateSIPParticipant":
                self.rung.append(api.CreateSIPParticipantRequest.FromString(body))
                return api.SIPParticipantInfo(participant_identity="made")
            case "RemoveParticipant":
                self.removed.append(api.RoomParticipantIdentity.FromString(body).identity)
                return api.RemoveParticipantResponse()
            case "UpdateParticipant":
                asked = api.UpdateParticipantRequest.FromString(body)
                self.attributes[asked.identity] = dict(asked.attributes)
                return api.ParticipantInfo(identity=asked.identity)
            case "ListParticipants":
                room = api.ListParticipantsRequest.FromString(body).room
                there = self.people.get(room, [])
                return api.ListParticipantsResponse(
                    participants=[api.ParticipantInfo(identity=one) for one in there]
                )
            case _:
                return api.DeleteRoomResponse()


@contextlib.asynccontextmanager
async def fake_livekit() -> AsyncIterator[FakeLiveKit]:
    fake = FakeLiveKit()

    @post("/twirp/{service:str}/{method:str}", status_code=200)
    async def twirp(method: FromPath[str], body: RawBody) -> Response[bytes]:
        answer = fake.answer(method, body).SerializeToString()
        return Response(answer, media_type="application/protobuf")

    config = uvicorn.Config(Litestar([twirp]), host="127.0.0.1", port=0, log_config=None)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve(None))
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    fake.url = f"ws://127.0.0.1:{port}"
    try:
        yield fake
    finally:
        server.should_exit = True
        await task
