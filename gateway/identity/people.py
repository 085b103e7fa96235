"""Local accounts and those that came through single sign-on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.errors import Problem
from gateway.identity import passwords
from gateway.identity.principal import Principal
from gateway.roles import ROLES
from gateway.storage.database import Database
from gateway.storage.tables import person, session

Row = Mapping[Any, Any]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account as an administrator sees it."""

    name: str
    display: str
    roles: list[str]
    skills: list[str]
    disabled: bool
    oidc: bool
    created_at: datetime


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    password: str | None = None
    display: str = ""
    roles: list[str] = []
    skills: list[str] = []
    subject: str | None = None
    must_change: bool = False


class People:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, new: NewPerson) -> Person:
        check_roles(new.roles)
        if new.password is not None:
            passwords.check_strength(new.password)
        values: dict[str, Any] = {
            "name": new.name,
            "display": new.display or new.name,
            "password_hash": await passwords.hashed(new.password) if new.password else None,
            "subject": new.subject,
            "roles": list(new.roles),
            "skills": list(new.skills),
            "disabled": False,
            "must_change": new.must_change,
            "created_at": datetime.now(UTC),
        }
        try:
            async with self._database.write() as connection:
                await connection.execute(insert(person).values(**values))
        except IntegrityError as error:
            raise Problem("conflict", f"There is an account {new.name!r} already.") from error
        return _shown(values)

    async def all(self) -> list[Person]:
        async with self._database.read() as connection:
            found = await connection.execute(select(person).order_by(person.c.name))
            return [_shown(row) for row in found.mappings()]

    async def none_yet(self) -> bool:
        async with self._database.read() as connection:
            return not await connection.scalar(select(func.count()).select_from(person))

    async def change(self, name: str, changes: dict[str, Any]) -> Person:
        """Changed roles, a new password or a block ends every session of that person."""
        values = dict(changes)
        if "roles" in values:
            check_roles(values["roles"])
        if (password := values.pop("password", None)) is not None:
            passwords.check_strength(password)
            values["password_hash"] = await passwords.hashed(password)
            values["must_change"] = bool(changes.get("must_change", False))
        async with self._database.write() as connection:
            if values:
                await connection.execute(
                    update(person).where(person.c.name == name).values(**values)
                )
            if values.keys() & {"roles", "password_hash", "disabled"}:
                await connection.execute(delete(session).where(session.c.name == name))
            found = await connection.execute(select(person).where(person.c.name == name))
            row = found.mappings().first()
        if row is None:
            raise Problem("not_found", f"There is no account {name!r}.")
        return _shown(row)

    async def sign_in(self, name: str, password: str) -> Principal | None:
        row = await self._row(person.c.name == name)
        right = await passwords.matches(row["password_hash"] if row else None, password)
        return _principal(row) if right and row and not row["disabled"] else None

    async def working(self, names: Iterable[str]) -> dict[str, Principal]:
        """Those of them who have an account that may work at a desk, signed in or not."""
        wanted = set(names)
        if not wanted:
            return {}
        async with self._database.read() as connection:
            found = await connection.execute(select(person).where(person.c.name.in_(wanted)))
            rows = [row for row in found.mappings() if not row["disabled"]]
        known = (_principal(row) for row in rows)
        return {who.name: who for who in known if who.may("desk.work")}

    async def by_subject(self, subject: str) -> Principal | None:
        row = await self._row(person.c.subject == subject)
        return _principal(row) if row and not row["disabled"] else None

    async def _row(self, condition: Any) -> Row | None:
        async with self._database.read() as connection:
            found = await connection.execute(select(person).where(condition))
            return found.mappings().first()


def check_roles(names: Iterable[str]) -> None:
    if unknown := [n for n in names if n not in ROLES]:
        raise Problem("invalid", f"No such role: {', '.join(unknown)}. Roles: {', '.join(ROLES)}.")


def _principal(row: Row) -> Principal:
    return Principal(
        name=row["name"],
        display=row["display"],
        roles=tuple(row["roles"]),
        skills=tuple(row["skills"]),
        must_change=row["must_change"],
    )


def _shown(row: Row) -> Person:
    return Person(
        name=row["name"],
        display=row["display"],
        roles=row["roles"],
        skills=row["skills"],
        disabled=row["disabled"],
        oidc=row["subject"] is not None,
        created_at=row["created_at"],
    )
