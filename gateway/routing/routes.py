"""The dialplan over HTTP."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from dialplans.language.schema import schema
from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.routing.current import CurrentPlan
from gateway.routing.deployment import Deployment
from gateway.routing.drafts import Drafts, files_of
from gateway.routing.schemas import (
    LARGEST_DRAFT,
    Applied,
    ApplyWish,
    CalendarPage,
    CalendarWish,
    Checked,
    Compared,
    Draft,
    Drawn,
    Explained,
    ExplainWish,
    InForce,
    MaybeDraft,
    Revision,
    RevisionEntry,
    Revisions,
    RollbackWish,
    Tested,
)

RevisionId = Annotated[str, msgspec.Meta(max_length=80)]


class RoutingController(Controller):
    path = "/api/routing"
    tags = ("Routing",)
    opt = {"may": "routing.read"}  # noqa: RUF012 - Litestar reads it from the class
    request_max_body_size = LARGEST_DRAFT

    @get(operation_id="readPlan", summary="The plan in force, with its files")
    async def read(self, plan: NamedDependency[CurrentPlan]) -> InForce:
        loaded, on_disk = await plan.loaded(), await plan.from_file()
        entries = await plan.store.history(1)
        entry = entries[0] if entries else None
        return InForce(
            revision=await plan.store.revision(),
            files=files_of(loaded),
            author=entry.author if entry else "",
            at=entry.at if entry else None,
            in_step=on_disk.revision == loaded.revision,
        )

    @post("/check", operation_id="checkPlan", summary="What is wrong with it", status_code=200)
    async def check(self, data: JSONBody[Draft], drafts: NamedDependency[Drafts]) -> Checked:
        return await drafts.check(data.files)

    @post("/explain", operation_id="explainCall", summary="Who gets a call", status_code=200)
    async def explain(
        self, data: JSONBody[ExplainWish], drafts: NamedDependency[Drafts]
    ) -> Explained:
        return await drafts.explain(data)

    @post("/test", operation_id="testPlan", summary="Run the plan's tests", status_code=200)
    async def test(self, data: JSONBody[MaybeDraft], drafts: NamedDependency[Drafts]) -> Tested:
        return await drafts.test(data.files)

    @post("/graph", operation_id="drawPlan", summary="The routes as a graph", status_code=200)
    async def graph(self, data: JSONBody[MaybeDraft], drafts: NamedDependency[Drafts]) -> Drawn:
        return await drafts.draw(data.files)

    @post("/calendar", operation_id="readCalendar", summary="When it is open", status_code=200)
    async def calendar(
        self, data: JSONBody[CalendarWish], drafts: NamedDependency[Drafts]
    ) -> CalendarPage:
        return await drafts.calendar(data)

    @post(
        "/diff",
        operation_id="comparePlan",
        summary="What changes, also for the last 5,000 calls",
        status_code=200,
    )
    async def diff(self, data: JSONBody[Draft], drafts: NamedDependency[Drafts]) -> Compared:
        return await drafts.compare(data.files)

    @post(
        "/apply",
        opt={"may": "routing.apply"},
        operation_id="applyPlan",
        summary="Put it in force",
        status_code=200,
    )
    async def apply(
        self,
        data: JSONBody[ApplyWish],
        me: NamedDependency[Principal],
        deployment: NamedDependency[Deployment],
    ) -> Applied:
        """Calls that are going on keep the revision they began with."""
        return await deployment.apply(data.files, data.base, me.name)

    @post(
        "/rollback",
        opt={"may": "routing.apply"},
        operation_id="rollBackPlan",
        summary="Put an earlier revision in force again",
        status_code=200,
    )
    async def roll_back(
        self,
        data: JSONBody[RollbackWish],
        me: NamedDependency[Principal],
        deployment: NamedDependency[Deployment],
    ) -> Applied:
        return await deployment.roll_back(data.revision, me.name)

    @get("/history", operation_id="planHistory", summary="Who changed what when")
    async def history(self, plan: NamedDependency[CurrentPlan]) -> Revisions:
        current = await plan.store.revision()
        return Revisions(
            [
                RevisionEntry(
                    revision=e.revision,
                    author=e.author,
                    at=e.at,
                    before=e.before,
                    changes=e.changes,
                    rollback=e.rollback,
                    current=number == 0 and e.revision == current,
                )
                for number, e in enumerate(await plan.store.history())
            ]
        )

    @get("/revisions/{revision:str}", operation_id="readRevision", summary="An earlier revision")
    async def revision(
        self, revision: FromPath[RevisionId], plan: NamedDependency[CurrentPlan]
    ) -> Revision:
        loaded = await plan.store.get(revision)
        if loaded is None:
            raise Problem("not_found", "There is no such revision.")
        return Revision(revision, files_of(loaded))

    @get("/schema", operation_id="planSchema", summary="The language as JSON Schema")
    async def schema(self) -> dict[str, Any]:
        return await asyncio.to_thread(schema)
