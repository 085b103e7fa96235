"""Supervision over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.access.livekit import Done
from gateway.access.tokens import Identities
from gateway.client_address import client_ip
from gateway.identity.principal import Principal
from gateway.records.lookup import CallId, known_call
from gateway.records.store import Records
from gateway.settings import Settings
from gateway.supervise.commands import Commands
from gateway.supervise.modes import PERMISSION, Mode
from gateway.supervise.service import ModeView, Supervision
from gateway.supervise.voice_coaching import Understood

Sentence = Annotated[str, msgspec.Meta(max_length=2000)]
Said = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Destination = Annotated[
    str, msgspec.Meta(pattern=r"^(persona|queue|target|agent|menu|voicemail) \S.{0,99}$")
]


class ModeWish(msgspec.Struct, frozen=True, kw_only=True):
    """`have`: the LiveKit identities this tab is connected with now."""

    mode: Mode
    have: Identities = []


class GiveBack(msgspec.Struct, frozen=True, kw_only=True):
    note: Sentence = ""
    have: Identities = []


class Coaching(msgspec.Struct, frozen=True):
    text: Said


class Aloud(msgspec.Struct, frozen=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Transfer(msgspec.Struct, frozen=True):
    to: Destination


class Reason(msgspec.Struct, frozen=True):
    reason: Sentence = ""


class NewNote(msgspec.Struct, frozen=True):
    note: Sentence = ""
    disposition: Annotated[str, msgspec.Meta(max_length=60)] | None = None


class Hold(msgspec.Struct, frozen=True):
    on: bool


class Help(msgspec.Struct, frozen=True):
    on: bool
    note: Sentence = ""


class SuperviseController(Controller):
    path = "/api/calls/{call:str}"
    tags = ("Supervision",)

    @get(
        "/mode",
        opt={"may": "calls.read"},
        operation_id="readMode",
        summary="Where I stand in this call and who hears me",
    )
    async def read(
        self,
        call: FromPath[CallId],
        me: NamedDependency[Principal],
        records: NamedDependency[Records],
        supervision: NamedDependency[Supervision],
    ) -> ModeView:
        found = await known_call(records, call)
        return await supervision.look(found.id, me.name)

    @post(
        "/mode",
        opt={"may": "calls.read"},
        operation_id="changeMode",
        summary="Listen, whisper, barge in, take over, or be idle",
        status_code=200,
    )
    async def change(
        self,
        call: FromPath[CallId],
        data: JSONBody[ModeWish],
        request: Request[Any, Any, Any],
        me: NamedDependency[Principal],
        settings: NamedDependency[Settings],
        supervision: NamedDependency[Supervision],
    ) -> ModeView:
        """Each mode has its own permission. Never reconnects the caller."""
        me.need(PERMISSION[data.mode])
        ip = client_ip(request.scope, settings.trusted_proxy)
        if data.mode == "idle":
            return await supervision.leave(call, me.name)
        return await supervision.change(call, me, data.mode, have=data.have, ip=ip)

    @post(
        "/giveback",
        opt={"may": "calls.takeover"},
        operation_id="giveBack",
        summary="Let the persona go on",
        status_code=200,
    )
    async def give_back(
        self,
        call: FromPath[CallId],
        data: JSONBody[GiveBack],
        me: NamedDependency[Principal],
        supervision: NamedDependency[Supervision],
    ) -> ModeView:
        return await supervision.give_back(call, me, data.note, have=data.have)

    @post(
        "/coach",
        opt={"may": "calls.coach"},
        operation_id="coach",
        summary="Tell the persona what to do on its next turn",
        status_code=202,
    )
    async def coach(
        self,
        call: FromPath[CallId],
        data: JSONBody[Coaching],
        me: NamedDependency[Principal],
        commands: NamedDependency[Commands],
    ) -> Done:
        """The caller hears nothing of it. 409 where the persona takes no instructions (`coachable`
        of the call is false): the words are then in the record only."""
        return await commands.coach(call, me, data.text)

    @post(
        "/say",
        opt={"may": "calls.say"},
        operation_id="sayAloud",
        summary="Have the persona say a sentence: the caller hears it",
        status_code=202,
    )
    async def say(
        self,
        call: FromPath[CallId],
        data: JSONBody[Aloud],
        me: NamedDependency[Principal],
        commands: NamedDependency[Commands],
    ) -> Done:
        """In the persona's voice, after what it says now. The record says who had it said."""
        return await commands.say(call, me, data.text)

    @post(
        "/coach/speech",
        opt={"may": "calls.coach"},
        operation_id="coachAloud",
        summary="Tell the persona by voice; the words that were understood come back",
        status_code=202,
        request_max_body_size=8 * 1024 * 1024,
    )
    async def coach_aloud(
        self,
        call: FromPath[CallId],
        request: Request[Any, Any, Any],
        me: NamedDependency[Principal],
        commands: NamedDependency[Commands],
    ) -> Understood:
        """The body is a WAV file, 16 bits, at most 30 seconds. It is kept nowhere."""
        return await commands.coach_aloud(call, me, await request.body())

    @post(
        "/transfer",
        opt={"may": "calls.act.own"},
        operation_id="transfer",
        summary="Send the caller on to a persona, a queue, a person or a number",
        status_code=202,
    )
    async def transfer(
        self,
        call: FromPath[CallId],
        data: JSONBody[Transfer],
        me: NamedDependency[Principal],
        commands: NamedDependency[Commands],
    ) -> Done:
        return await commands.transfer(call, me, data.to)

    @post(
        "/hangup",
        opt={"may": "calls.act.own"},
        operation_id="hangUp",
        summary="End the call",
        status_code=202,
    )
    async def hang_up(
        self,
        call: FromPath[CallId],
        data: JSONBody[Reason],
        me: NamedDependency[Principal],
        commands: NamedDependency[Commands],
    ) -> Done:
        return await commands.hang_up(call, me, data.reason)

    @post(
        "/note",
        opt={"may": "calls.note"},
        operation_id="addNote",
        summary="Write a note or give the call a disposition",
        status_code=201,
    )
    async def note(
        self,
        call: FromPath[CallId],
        data: JSONBody[NewNote],
        me: NamedDependency[Principal],
        commands: NamedDependency[Commands],
    ) -> Done:
        return await commands.note(call, me, data.note, data.disposition)

    @post(
        "/hold",
        opt={"may": "calls.act.own"},
        operation_id="hold",
        summary="Put the caller on hold, or take them off it",
        status_code=202,
    )
    async def hold(
        self,
        call: FromPath[CallId],
        data: JSONBody[Hold],
        me: NamedDependency[Principal],
        commands: NamedDependency[Commands],
    ) -> Done:
        return await commands.hold(call, me, on=data.on)

    @post(
        "/help",
        opt={"may": "calls.act.own"},
        operation_id="askForHelp",
        summary="Ask the supervisors for help",
        status_code=202,
    )
    async def help(
        self,
        call: FromPath[CallId],
        data: JSONBody[Help],
        me: NamedDependency[Principal],
        commands: NamedDependency[Commands],
    ) -> Done:
        return await commands.help(call, me, on=data.on, note=data.note)
