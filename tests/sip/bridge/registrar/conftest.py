"""A registrar of ours with two telephones in its plan."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import redis.asyncio

from dialplans.language.load import load_text
from dialplans.model import Dialplan
from sip.bridge.registrar.binding_store import Bindings, BindingStore
from sip.bridge.registrar.registrar import Registrar
from sip.bridge.registrar.telephones import Telephones
from tests.sip.bridge.caller import Phones, phones

PLAN = """
version: 1
timezone: Europe/Berlin
telephones:
  ann: {password: "env:ANN"}
  bob: {password: "env:BOB", allow: ["127.0.0.7/32"]}
targets:
  ann: {telephone: ann, else: {voicemail: box}}
  bob: {telephone: bob, else: {voicemail: box}}
numbers:
  web: {language: en, route: all}
routes: {all: [{when: {language: de}, do: {target: bob}}, {do: {target: ann}}]}
voicemail: {box: {max: 60s}}
"""


class Kept(BindingStore):
    """In memory, as if Redis had it."""

    def __init__(self, kept: dict[str, Bindings]) -> None:
        super().__init__(redis.asyncio.Redis())
        self.kept = kept

    async def start(self) -> dict[str, Bindings]:
        return dict(self.kept)

    async def get(self, name: str) -> Bindings:
        return self.kept.get(name, ())

    async def aclose(self) -> None:
        pass

    def put(self, name: str, before: Bindings, after: Bindings, *, leg: str = "") -> None:
        self.kept[name] = after


@dataclass
class Office:
    line: Phones
    telephones: Telephones
    registrar: Registrar
    kept: dict[str, Bindings]

    @property
    def address(self) -> tuple[str, int]:
        return self.line.endpoint.transport.address

    def follow(self, plan: Dialplan) -> None:
        self.telephones.follow(plan)
        self.registrar.follow()


def plan(text: str = PLAN) -> Dialplan:
    loaded = load_text(text)
    assert loaded.plan is not None, loaded.report()
    return loaded.plan


async def opened(line: Phones, kept: dict[str, Bindings]) -> Office:
    secrets = {"ANN": "secret", "BOB": "word"}
    telephones = Telephones(line.endpoint, Kept(kept), secrets)
    await telephones.start()
    clock = asyncio.get_running_loop().time
    made = Office(line, telephones, Registrar(line.endpoint, telephones, clock=clock), kept)
    made.follow(plan())
    return made


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with phones() as line:
        made = await opened(line, {})
        yield made
        await made.telephones.aclose()
