"""The people of the tests: one for each role, straight in the database of the running system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gateway.errors import Problem
from gateway.identity.people import NewPerson, People
from gateway.storage.database import Database


class Running(Protocol):
    """A system or a gateway; its settings say where the database is."""

    @property
    def env(self) -> Mapping[str, str]: ...


PASSWORD = "correct horse battery staple"

SUE, ANN, BEN, OLGA, VIC, ADA = "sue", "ann", "ben", "olga", "vic", "ada"
_EVERYBODY = (
    NewPerson(name=SUE, display="Sue Example", roles=["supervisor"]),
    NewPerson(name=ANN, display="Ann Example", roles=["agent"], skills=["support", "billing"]),
    NewPerson(name=BEN, display="Ben Example", roles=["agent"], skills=["support"]),
    NewPerson(name=OLGA, display="Olga Example", roles=["operator"]),
    NewPerson(name=VIC, display="Vic Example", roles=["viewer"]),
    NewPerson(name=ADA, display="Ada Example", roles=["admin"]),
)


async def everybody(running: Running) -> None:
    """Sue supervises, Ann and Ben sit at desks, Olga edits the plan, Vic may only look,
    Ada looks after their accounts."""
    database = Database(running.env["SWITCHBOARD_DATABASE_URL"])
    try:
        for one in _EVERYBODY:
            try:
                await People(database).add(
                    NewPerson(
                        name=one.name,
                        display=one.display,
                        password=PASSWORD,
                        roles=one.roles,
                        skills=one.skills,
                    )
                )
            except Problem as problem:
                if problem.code != "conflict":  # made by an earlier test
                    raise
    finally:
        await database.close()
