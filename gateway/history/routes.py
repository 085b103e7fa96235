"""Calls over HTTP: search, one call, CSV."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from gateway.history import csv_export
from gateway.history.detail import CallDetail, detail
from gateway.history.ladder import Ladder, ladder
from gateway.identity.principal import Principal
from gateway.identity.revocation import Revocation
from gateway.records.lookup import CallId, known_call
from gateway.records.masking import masked
from gateway.records.search import Page, Query, Scope, Search
from gateway.records.store import Records
from gateway.routing.current import CurrentPlan
from gateway.sounds.sound_files import SoundFiles
from gateway.storage.audit import Audit, AuditFilter

Text = Annotated[str | None, QueryParameter(max_length=200)]
Milliseconds = Annotated[float | None, QueryParameter(ge=0, le=3_600_000)]


async def call_query(
    which: Annotated[Scope, QueryParameter(name="scope")] = "all",
    q: Text = None,
    called: Text = None,
    caller: Text = None,
    persona: Text = None,
    agent: Text = None,
    cause: Text = None,
    disposition: Text = None,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    min_gap_ms: Milliseconds = None,
    problem: FromQuery[bool | None] = None,
) -> Query:
    """The filters of a list of calls, as query parameters; the dependency `wanted`."""
    texts = {
        "q": q,
        "called": called,
        "caller": caller,
        "persona": persona,
        "agent": agent,
        "cause": cause,
        "disposition": disposition,
    }
    clean = {name: text.replace("\0", "") for name, text in texts.items() if text}
    return Query(
        scope=which,
        since=since,
        until=until,
        min_gap_ms=min_gap_ms,
        problem=problem,
        **clean,
    )


class CallController(Controller):
    path = "/api"
    tags = ("Calls",)
    dependencies = {"wanted": Provide(call_query)}  # noqa: RUF012 - Litestar reads it

    @get("/calls", opt={"may": "calls.read"}, operation_id="listCalls", summary="Find calls")
    async def find(
        self,
        wanted: NamedDependency[Query],
        me: NamedDependency[Principal],
        search: NamedDependency[Search],
        after: Text = None,
        limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    ) -> Page:
        """Newest first; `next` of a page is the `after` of the following one."""
        page = await search.page(wanted, numbers=not me.masked, after=after, limit=limit)
        return Page([masked(c) for c in page.items], page.next) if me.masked else page

    @get(
        "/calls.csv",
        opt={"may": "calls.export"},
        operation_id="exportCalls",
        summary="The calls that match, as CSV",
        media_type="text/csv",
    )
    async def export(
        self,
        wanted: NamedDependency[Query],
        me: NamedDependency[Principal],
        search: NamedDependency[Search],
        audit: NamedDependency[Audit],
        revocation: NamedDependency[Revocation],
    ) -> Stream:
        await search.page(wanted, numbers=not me.masked, limit=1)  # refuse before the first byte
        filters = sorted(k for k, v in msgspec.to_builtins(wanted).items() if v is not None)
        await audit.write(me.name, "export", detail={"filters": filters})
        return Stream(
            revocation.guarded(me, csv_export.rows(search.every(wanted, numbers=not me.masked))),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": 'attachment; filename="calls.csv"'},
        )

    @get(
        "/calls/{call:str}",
        opt={"may": "calls.read"},
        operation_id="readCall",
        summary="Everything about one call",
    )
    async def read(
        self,
        call: FromPath[CallId],
        me: NamedDependency[Principal],
        records: NamedDependency[Records],
        audit: NamedDependency[Audit],
        plan: NamedDependency[CurrentPlan],
        sound_files: NamedDependency[SoundFiles],
    ) -> CallDetail:
        found = await known_call(records, call)
        found = msgspec.structs.replace(found, trunk=await plan.trunk_of(found))
        entries = await records.entries(found.id)
        trail = await audit.find(AuditFilter(call=found.id, limit=500))
        return await asyncio.to_thread(
            partial(detail, found, entries, trail, sounds=sound_files, hide=me.masked)
        )

    @get(
        "/calls/{call:str}/ladder",
        opt={"may": "calls.read"},
        operation_id="readLadder",
        summary="What was said in SIP for a call, message by message",
    )
    async def signalled(
        self,
        call: FromPath[CallId],
        me: NamedDependency[Principal],
        records: NamedDependency[Records],
    ) -> Ladder:
        """Passwords, keys of encryption and pressed keys are not in it for anybody; whoever may not
        see numbers gets the messages' names and times alone."""
        found = await known_call(records, call)
        entries = await records.entries(found.id)
        return ladder(found.id, (entry.event for entry in entries), hide=me.masked)
