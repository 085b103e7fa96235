"""Sessions and API keys: from what a request carries to a principal."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.errors import Problem
from gateway.identity import passwords
from gateway.identity.people import check_roles
from gateway.identity.principal import Principal
from gateway.storage.database import Database
from gateway.storage.tables import api_key, person, session

KEY_PREFIX = "sbk_"
BELIEVED_S = 0.5
_CACHE_SIZE = 2000


MACHINE = "key:"
"""What the names of machines begin with; no person's name has a colon."""

_SESSIONS = select(person, session.c.token_hash).join(session, session.c.name == person.c.name)


def _person(row: Any) -> Principal:
    return Principal(
        name=row.name,
        display=row.display,
        roles=tuple(row.roles),
        skills=tuple(row.skills),
        must_change=row.must_change,
        token_hash=row.token_hash,
    )


def _machine(row: Any) -> Principal:
    return Principal(
        name=MACHINE + row.name,
        display=row.name,
        roles=tuple(row.roles),
        via="key",
        token_hash=row.secret_hash,
    )


class Key(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    roles: list[str]
    created_at: datetime
    last_used_at: datetime | None


class Sessions:
    """What was looked up is believed for half a second, so a sign-out is felt at once here and
    as soon at another gateway."""

    def __init__(self, database: Database, *, hours: int) -> None:
        self._database = database
        self._life = timedelta(hours=hours)
        self._known: dict[str, tuple[float, Principal | None]] = {}

    async def begin(self, who: Principal, ip: str) -> str:
        token = passwords.token()
        now = datetime.now(UTC)
        async with self._database.write() as connection:
            await connection.execute(delete(session).where(session.c.expires_at < now))
            await connection.execute(
                insert(session).values(
                    token_hash=passwords.token_hash(token),
                    name=who.name,
                    created_at=now,
                    expires_at=now + self._life,
                    ip=ip,
                )
            )
        return token

    async def end(self, token_hash: str) -> None:
        self._known.clear()
        async with self._database.write() as connection:
            await connection.execute(delete(session).where(session.c.token_hash == token_hash))

    async def end_all(self, name: str) -> int:
        """Every session of a person, wherever they signed in; how many there were."""
        self._known.clear()
        async with self._database.write() as connection:
            gone = await connection.execute(delete(session).where(session.c.name == name))
        return int(gone.rowcount)

    def forget(self) -> None:
        """After an account changed: look everything up again."""
        self._known.clear()

    async def by_cookie(self, token: str) -> Principal | None:
        hashed = passwords.token_hash(token)
        return await self._cached(hashed, self._session(hashed))

    async def by_key(self, secret: str) -> Principal | None:
        hashed = passwords.token_hash(secret)
        return await self._cached(hashed, self._key(hashed))

    async def _cached(self, hashed: str, lookup: Any) -> Principal | None:
        now = time.monotonic()
        known = self._known.get(hashed)
        if known and now - known[0] < BELIEVED_S:
            lookup.close()
            return known[1]
        if len(self._known) > _CACHE_SIZE:
            self._known.clear()
        found: Principal | None = await lookup
        self._known[hashed] = (now, found)
        return found

    async def standing(self, credentials: Collection[str]) -> dict[str, Principal]:
        """Looked up now, whatever is believed: those that open something, and to whom."""
        if not credentials:
            return {}
        statement = _SESSIONS.where(
            session.c.token_hash.in_(credentials), session.c.expires_at > datetime.now(UTC)
        )
        async with self._database.read() as connection:
            people = (await connection.execute(statement)).all()
            known = {r.token_hash: _person(r) for r in people if not r.disabled}
            if len(people) < len(credentials):
                keys = select(api_key).where(api_key.c.secret_hash.in_(credentials))
                known |= {r.secret_hash: _machine(r) for r in await connection.execute(keys)}
        return known

    async def signed_in(self, names: Collection[str]) -> dict[str, Principal]:
        """Looked up now: those of the names that somebody, or a machine, is signed in with."""
        if not names:
            return {}
        statement = _SESSIONS.where(
            person.c.name.in_(names), session.c.expires_at > datetime.now(UTC)
        )
        machines = [n.removeprefix(MACHINE) for n in names if n.startswith(MACHINE)]
        async with self._database.read() as connection:
            people = await connection.execute(statement)
            known = {r.name: _person(r) for r in people if not r.disabled}
            if machines:
                keys = select(api_key).where(api_key.c.name.in_(machines))
                known |= {MACHINE + r.name: _machine(r) for r in await connection.execute(keys)}
        return known

    async def _session(self, hashed: str) -> Principal | None:
        return (await self.standing([hashed])).get(hashed)

    async def _key(self, hashed: str) -> Principal | None:
        async with self._database.read() as connection:
            row = (
                await connection.execute(select(api_key).where(api_key.c.secret_hash == hashed))
            ).first()
        if row is None:
            return None
        if row.last_used_at is None or datetime.now(UTC) - row.last_used_at > timedelta(minutes=5):
            async with self._database.write() as connection:
                await connection.execute(
                    update(api_key)
                    .where(api_key.c.name == row.name)
                    .values(last_used_at=datetime.now(UTC))
                )
        return _machine(row)

    async def add_key(self, name: str, roles: list[str]) -> tuple[Key, str]:
        check_roles(roles)
        secret = KEY_PREFIX + passwords.token()
        key = Key(name=name, roles=roles, created_at=datetime.now(UTC), last_used_at=None)
        try:
            async with self._database.write() as connection:
                await connection.execute(
                    insert(api_key).values(
                        name=name,
                        secret_hash=passwords.token_hash(secret),
                        roles=roles,
                        created_at=key.created_at,
                    )
                )
        except IntegrityError as error:
            raise Problem("conflict", f"There is a key {name!r} already.") from error
        return key, secret

    async def keys(self) -> list[Key]:
        async with self._database.read() as connection:
            found = await connection.execute(select(api_key).order_by(api_key.c.name))
            return [
                Key(
                    name=r.name,
                    roles=r.roles,
                    created_at=r.created_at,
                    last_used_at=r.last_used_at,
                )
                for r in found
            ]

    async def drop_key(self, name: str) -> None:
        self._known.clear()
        async with self._database.write() as connection:
            gone = await connection.execute(delete(api_key).where(api_key.c.name == name))
        if not gone.rowcount:
            raise Problem("not_found", f"There is no key {name!r}.")
