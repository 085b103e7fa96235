"""`switchboard user …` and `switchboard apikey …`: accounts and keys, straight in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from gateway.errors import Problem
from gateway.identity import passwords
from gateway.identity.people import NewPerson, People
from gateway.identity.sessions import Sessions
from gateway.roles import ROLES
from gateway.settings import Settings
from gateway.storage.audit import Audit
from gateway.storage.database import Database

app = typer.Typer()
user = typer.Typer(help="Accounts of the console.", no_args_is_help=True)
apikey = typer.Typer(help="Keys for machines.", no_args_is_help=True)
app.add_typer(user, name="user")
app.add_typer(apikey, name="apikey")

T = TypeVar("T")

Name = Annotated[str, typer.Argument(help="What the person signs in with.")]
Roles = Annotated[
    list[str], typer.Option("--role", "-r", help=f"One of {', '.join(ROLES)}; may be repeated.")
]
Skills = Annotated[
    list[str] | None, typer.Option("--skill", "-s", help="What calls this person can take.")
]


def first_admin(settings: Settings) -> str | None:
    """A one-time password for the account `admin`, made because there is no account yet."""

    async def make(database: Database) -> str | None:
        people = People(database)
        if not await people.none_yet():
            return None
        password = passwords.one_time()
        await people.add(
            NewPerson(
                name="admin",
                display="Administrator",
                password=password,
                roles=["admin"],
                must_change=True,
            )
        )
        return password

    return _run(make, settings)


def _run(work: Callable[[Database], Awaitable[T]], settings: Settings | None = None) -> T:
    settings = settings or Settings.from_environment()

    async def inside() -> T:
        database = Database(settings.database_url)
        try:
            await database.migrate()
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(inside())
    except Problem as problem:
        typer.echo(f"switchboard: {problem.detail}", err=True)
        raise typer.Exit(1) from None


@user.command("add")
def add(
    name: Name,
    roles: Roles,
    skills: Skills = None,
    display: Annotated[str, typer.Option(help="The name others see.")] = "",
    password: Annotated[
        str, typer.Option(help="Without it a one-time password is made and printed.")
    ] = "",
) -> None:
    """Add an account; the password is asked to be changed at the first sign-in."""
    given = password or passwords.one_time()

    async def work(database: Database) -> None:
        await People(database).add(
            NewPerson(
                name=name,
                display=display,
                password=given,
                roles=roles,
                skills=skills or [],
                must_change=True,
            )
        )
        detail = {"added": name, "roles": roles}
        await Audit(database).write("command line", "user.change", detail=detail)

    _run(work)
    typer.echo(f"{name} may sign in" + ("." if password else f" once with: {given}"))


@user.command("list")
def show() -> None:
    """All accounts."""
    table = Table("name", "display", "roles", "skills", "")
    for one in _run(lambda database: People(database).all()):
        state = "disabled" if one.disabled else "single sign-on" if one.oidc else ""
        table.add_row(one.name, one.display, " ".join(one.roles), " ".join(one.skills), state)
    Console().print(table)


@user.command("password")
def password(name: Name) -> None:
    """A new one-time password; ends all sessions of this account."""
    made = passwords.one_time()
    _change(name, {"password": made, "must_change": True}, "password")
    typer.echo(f"{name} may sign in once with: {made}")


@user.command("roles")
def change_roles(name: Name, roles: Roles) -> None:
    """Replace the roles of an account."""
    _change(name, {"roles": roles}, "roles")


@user.command("disable")
def disable(name: Name) -> None:
    """Nobody signs in with this account any more."""
    _change(name, {"disabled": True}, "disabled")


@user.command("enable")
def enable(name: Name) -> None:
    """Undo `disable`."""
    _change(name, {"disabled": False}, "disabled")


@user.command("signout")
def sign_out(name: Name) -> None:
    """End all sessions of an account, with every stream and call that is open on one."""

    async def work(database: Database) -> int:
        ended = await Sessions(database, hours=1).end_all(name)
        detail = {"signed_out": name, "sessions": ended}
        await Audit(database).write("command line", "user.change", detail=detail)
        return ended

    typer.echo(f"{name}: {_run(work)} sessions ended")


def _change(name: str, changes: dict[str, object], what: str) -> None:
    async def work(database: Database) -> None:
        await People(database).change(name, changes)
        detail = {"changed": name, "what": [what]}
        await Audit(database).write("command line", "user.change", detail=detail)

    _run(work)


KeyName = Annotated[str, typer.Argument(help="What the machine is.")]


@apikey.command("add")
def add_key(name: KeyName, roles: Roles) -> None:
    """Make a key; it is shown this once."""

    async def work(database: Database) -> str:
        _, secret = await Sessions(database, hours=1).add_key(name, roles)
        detail = {"added": name, "roles": roles}
        await Audit(database).write("command line", "key.change", detail=detail)
        return secret

    typer.echo(_run(work))


@apikey.command("list")
def show_keys() -> None:
    """All keys, without their secrets."""
    table = Table("name", "roles", "made", "last used")
    for key in _run(lambda database: Sessions(database, hours=1).keys()):
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
        table.add_row(key.name, " ".join(key.roles), f"{key.created_at:%Y-%m-%d}", used)
    Console().print(table)


@apikey.command("revoke")
def revoke(name: KeyName) -> None:
    """The key opens nothing any more."""

    async def work(database: Database) -> None:
        await Sessions(database, hours=1).drop_key(name)
        await Audit(database).write("command line", "key.change", detail={"revoked": name})

    _run(work)
