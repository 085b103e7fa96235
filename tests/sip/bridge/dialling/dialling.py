"""Calls of the tests of this folder."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from aiosipua.message import SipResponse

from sip.bridge.carriers.carriers import Carriers
from sip.bridge.carriers.dns import Dns
from sip.bridge.carriers.locate import Place
from sip.bridge.dialling.dial import Destination, Dialler
from sip.bridge.dialling.early_dialogs import WhileItRings
from sip.bridge.dialling.failure import NotAnsweredError
from sip.bridge.dialling.permission import Permission
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.digest import Login
from tests.sip.bridge.caller import Phones
from tests.sip.bridge.dialling.carrier import Carrier

NUMBER = "+498955501"
OFFER = b"v=0\r\n"
TAG = "ours"

Answered = tuple[Dialog, SipResponse]


def dialler(near: Phones, far: Carrier, *, login: Login | None = None, **may: object) -> Dialler:
    """`may` is what the plan lets a redirected call do."""
    host, port = far.address
    uri = f"sip:{NUMBER}@{host}:{port}"
    to = Destination(uri, Place(host, port), "<sip:+4420@us.example>", login=login)
    carriers = Carriers(Dns())
    permission = replace(Permission(NUMBER, host), **may)  # type: ignore[arg-type]
    return Dialler(near.endpoint, to, OFFER, WhileItRings(), permission, carriers)


def dial(made: Dialler, patience: float = 60.0) -> asyncio.Task[Answered]:
    return asyncio.create_task(made.dial(TAG, patience))


async def failure(calling: asyncio.Task[Answered]) -> NotAnsweredError:
    try:
        await calling
    except NotAnsweredError as error:
        return error
    raise AssertionError("somebody has answered")
