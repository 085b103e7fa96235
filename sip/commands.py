"""`switchboard plan FILE` and `switchboard apply FILE`: LiveKit's trunks and rules from a dialplan.

Exit status, as of every dialplan command: 0 the server agrees with the dialplan (`apply`: now), 1
it does not (`plan`: something to do; `apply`: refused or failed) or cannot be asked, 2 wrong use.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dialplans.process.path_argument import path
from sip.show import as_json, as_text, step_lines

if TYPE_CHECKING:
    from dialplans.language.load import Loaded

app = typer.Typer()

File = Annotated[
    Path,
    typer.Argument(help="The dialplan, or - for standard input.", show_default=False, parser=path),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Name = Annotated[
    str, typer.Option(help="Whose objects: names on the server begin with switchboard/NAME/.")
]
AGREES, DIFFERS = 0, 1


@app.command()
def plan(file: File, as_json_: AsJson = False, name: Name = "main") -> None:
    """Show what `apply` would do on the LiveKit server; change nothing."""
    raise typer.Exit(asyncio.run(_run(_plan(file, name, as_json_), as_json_)))


@app.command()
def apply(
    file: File,
    as_json_: AsJson = False,
    name: Name = "main",
    force: Annotated[
        bool, typer.Option("--force", help="Even if more than 30 % of what exists is touched.")
    ] = False,
) -> None:
    """Make the LiveKit server's trunks and rules agree with a dialplan."""
    raise typer.Exit(asyncio.run(_run(_apply(file, name, as_json_, force=force), as_json_)))


async def _plan(file: Path, name: str, as_json_: bool) -> int:
    # Here, like those below: `--help` and wrong use need no plan and no LiveKit (1.5 s).
    from dialplans.commands.common import read
    from sip.client import connect
    from sip.provision import checked, intended

    loaded = read(file)
    checked(loaded)  # before anybody is asked
    async with connect(os.environ) as objects:
        found, _ = await intended(loaded, name, objects)
    typer.echo(json.dumps(as_json(found), indent=1) if as_json_ else as_text(found))
    return DIFFERS if found.conflicts or found.steps else AGREES


async def _apply(file: Path, name: str, as_json_: bool, *, force: bool) -> int:
    # Here for the start-up cost, as in `_plan`.
    from dialplans.commands.common import read
    from sip.apply import apply as carry_out
    from sip.client import connect
    from sip.provision import checked, intended

    loaded = read(file)
    checked(loaded)  # before anybody is asked
    async with connect(os.environ) as objects:
        found, there = await intended(loaded, name, objects)
        if found.conflicts or (found.sweeping and not force):
            typer.echo(json.dumps(as_json(found), indent=1) if as_json_ else as_text(found))
            if found.conflicts:
                return DIFFERS
            typer.echo(
                f"switchboard: {found.touched} of {found.existing} objects would be touched; "
                "if that is meant, add --force",
                err=True,
            )
            return DIFFERS
        await _put_in_force(loaded, file)
        if as_json_:
            done = [step async for step in carry_out(found, objects, there)]
            typer.echo(json.dumps({**as_json(found), "done": len(done)}, indent=1))
        elif not found.steps:
            typer.echo(as_text(found))
        else:
            async for step in carry_out(found, objects, there):
                typer.echo("\n".join(step_lines(step)))
            typer.echo("LiveKit agrees with the dialplan.")
    return AGREES


async def _put_in_force(loaded: Loaded, file: Path) -> None:
    """Calls are routed by what Redis holds, so the numbers on the trunks and the plan that knows
    them change together; without a Redis of ours only LiveKit is told."""
    url = os.environ.get("SWITCHBOARD_REDIS_URL")
    if not url:
        return
    # Here, since Redis (1 s) is asked only by `apply`, and only where there is one.
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    from dialplans.revisions.store import PlanStore
    from dialplans.revisions.watch import author_of
    from sip.client import ProvisioningError

    try:
        async with Redis.from_url(url) as redis:
            await PlanStore(redis).put(loaded, author_of(file))
    except RedisError as error:
        raise ProvisioningError(f"the plan could not be stored in Redis: {error}") from error


async def _run(work: Any, as_json_: bool) -> int:
    """Problems are told in one way: text to standard error, or `{"problems": […]}`."""
    # Here for the start-up cost, as in `_plan`.
    from sip.client import ProvisioningError
    from sip.credentials import MissingSecretsError
    from sip.provision import BadDialplanError

    try:
        return int(await work)
    except BadDialplanError as error:
        problems = [error.report]
    except MissingSecretsError as error:
        problems = error.problems
    except ProvisioningError as error:
        problems = [str(error)]
    if as_json_:
        typer.echo(json.dumps({"problems": problems}, indent=1))
    for problem in () if as_json_ else problems:
        typer.echo(f"switchboard: {problem}", err=True)
    return DIFFERS
