"""What an administrator does: accounts, keys for machines, reading the trail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from dialplans.model.telephones import PERSON
from gateway.errors import Problem, with_zone
from gateway.identity.me import Password
from gateway.identity.people import NewPerson, People, Person
from gateway.identity.principal import Principal
from gateway.identity.sessions import Key, Sessions
from gateway.storage.audit import Audit, AuditFilter, AuditRow

Login = Annotated[str, msgspec.Meta(pattern=PERSON)]
Words = Annotated[list[Annotated[str, msgspec.Meta(max_length=80)]], msgspec.Meta(max_length=50)]
Display = Annotated[str, msgspec.Meta(max_length=120, pattern=r"^[^\x00]*$")]


class AddUser(msgspec.Struct, frozen=True, kw_only=True):
    name: Login
    password: Password
    display: Display = ""
    roles: Words = msgspec.field(default_factory=lambda: ["viewer"])
    skills: Words = []


class ChangeUser(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Only what is given changes."""

    display: Display | msgspec.UnsetType = msgspec.UNSET
    roles: Words | msgspec.UnsetType = msgspec.UNSET
    skills: Words | msgspec.UnsetType = msgspec.UNSET
    password: Password | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET


class Users(msgspec.Struct, frozen=True):
    items: list[Person]


class AddKey(msgspec.Struct, frozen=True):
    name: Login
    roles: Words


class Keys(msgspec.Struct, frozen=True):
    items: list[Key]


class MadeKey(msgspec.Struct, frozen=True):
    """`secret` is shown this once."""

    key: Key
    secret: str


class Trail(msgspec.Struct, frozen=True):
    items: list[AuditRow]
    next: int | None


class UserController(Controller):
    path = "/api/users"
    tags = ("Administration",)
    opt = {"may": "users.manage"}  # noqa: RUF012 - Litestar reads it from the class

    @get(operation_id="listUsers", summary="All accounts")
    async def all(self, people: NamedDependency[People]) -> Users:
        return Users(await people.all())

    @post(operation_id="addUser", summary="Add an account")
    async def add(
        self,
        data: JSONBody[AddUser],
        me: NamedDependency[Principal],
        people: NamedDependency[People],
        audit: NamedDependency[Audit],
    ) -> Person:
        made = await people.add(
            NewPerson(
                name=data.name,
                password=data.password,
                display=data.display,
                roles=data.roles,
                skills=data.skills,
                must_change=True,
            )
        )
        await audit.write(me.name, "user.change", detail={"added": made.name, "roles": made.roles})
        return made

    @patch("/{name:str}", operation_id="changeUser", summary="Change an account")
    async def change(
        self,
        name: FromPath[str],
        data: JSONBody[ChangeUser],
        me: NamedDependency[Principal],
        people: NamedDependency[People],
        sessions: NamedDependency[Sessions],
        audit: NamedDependency[Audit],
    ) -> Person:
        changes = {k: v for k, v in msgspec.structs.asdict(data).items() if v is not msgspec.UNSET}
        if name == me.name and (
            changes.get("disabled") or "admin" not in changes.get("roles", ["admin"])
        ):
            raise Problem("conflict", "You would lock yourself out.")
        if "password" in changes:
            changes["must_change"] = True
        person = await people.change(name, changes)
        sessions.forget()
        detail: dict[str, Any] = {"changed": name, "what": sorted(changes)}
        if "roles" in changes:
            detail["roles"] = changes["roles"]
        await audit.write(me.name, "user.change", detail=detail)
        return person

    @delete(
        "/{name:str}/sessions", operation_id="endSessions", summary="Sign a person out everywhere"
    )
    async def end_sessions(
        self,
        name: FromPath[str],
        me: NamedDependency[Principal],
        sessions: NamedDependency[Sessions],
        audit: NamedDependency[Audit],
    ) -> None:
        """Also where they listen or have a call. They may sign in again."""
        ended = await sessions.end_all(name)
        await audit.write(me.name, "user.change", detail={"signed_out": name, "sessions": ended})


class KeyController(Controller):
    path = "/api/keys"
    tags = ("Administration",)
    opt = {"may": "keys.manage"}  # noqa: RUF012 - Litestar reads it from the class

    @get(operation_id="listKeys", summary="All API keys")
    async def all(self, sessions: NamedDependency[Sessions]) -> Keys:
        return Keys(await sessions.keys())

    @post(operation_id="addKey", summary="Make an API key for a machine")
    async def add(
        self,
        data: JSONBody[AddKey],
        me: NamedDependency[Principal],
        sessions: NamedDependency[Sessions],
        audit: NamedDependency[Audit],
    ) -> MadeKey:
        key, secret = await sessions.add_key(data.name, data.roles)
        await audit.write(me.name, "key.change", detail={"added": key.name, "roles": key.roles})
        return MadeKey(key, secret)

    @delete("/{name:str}", operation_id="dropKey", summary="Revoke an API key")
    async def drop(
        self,
        name: FromPath[str],
        me: NamedDependency[Principal],
        sessions: NamedDependency[Sessions],
        audit: NamedDependency[Audit],
    ) -> None:
        await sessions.drop_key(name)
        await audit.write(me.name, "key.change", detail={"revoked": name})


Text = Annotated[str | None, QueryParameter(max_length=160)]
Instant = FromQuery[datetime | None]


@get(
    "/api/audit",
    opt={"may": "audit.read"},
    operation_id="readAudit",
    summary="The audit trail, newest first",
    tags=["Administration"],
)
async def trail(
    audit: NamedDependency[Audit],
    who: Text = None,
    action: Text = None,
    call: Text = None,
    q: Text = None,
    since: Instant = None,
    until: Instant = None,
    before: Annotated[int | None, QueryParameter(ge=0, le=2**53)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> Trail:
    """`q` is looked for everywhere in a row; `before` takes the `next` of the page before."""
    wanted = AuditFilter(
        who=who,
        action=action,
        call=call,
        q=q,
        since=since and with_zone(since),
        until=until and with_zone(until),
        before=before,
        limit=limit + 1,
    )
    rows = await audit.find(wanted)
    more = len(rows) > limit
    return Trail(rows[:limit], rows[limit - 1].id if more else None)
