"""`switchboard trace`: what was said in SIP for a call, in the terminal or as a capture file.

It reads the database, so it also works while the gateway is away.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from dialplans.process.path_argument import path
from dialplans.process.writing import UnwritableError, refuse_to_write, write_bytes
from gateway.history.ladder import Ladder, Rung, ladder
from gateway.history.pcap import pcap
from gateway.records.call import Call
from gateway.records.lookup import calls_named
from gateway.records.store import Records
from gateway.settings import Settings
from gateway.storage.database import Database

app = typer.Typer()
SHOWN = 10
"""Calls that are named where the part of an id fits several."""


@app.command()
def trace(
    call: Annotated[str, typer.Argument(help="The id of a call, or a part of it.")],
    save: Annotated[
        Path | None,
        typer.Option("--pcap", help="Write a capture file for Wireshark instead.", parser=path),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Whole messages, not their names.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the SIP messages of a call in their order, with times; passwords and keys are hidden."""
    if save is not None:
        _look_at(save)
    found = asyncio.run(_read(call))
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    elif save is not None:
        _write(save, found)
    else:
        for line in lines(found, full=full):
            typer.echo(line)


def lines(found: Ladder, *, full: bool = False) -> list[str]:
    """The ladder as text, a message a line; `full` with each message below its line."""
    width = max(len(f"{rung.transport} {rung.peer}") for rung in found.rungs)
    told = [f"{found.call}   us: {found.local}"]
    for rung in found.rungs:
        told.append(_line(rung, width))
        if full:
            told += [f"      {line}".rstrip() for line in rung.text.rstrip().split("\r\n")]
            told.append("")
    if found.left_out:
        told.append(
            f"{found.left_out} more messages ({found.left_out_bytes} bytes) were too many to keep"
        )
    return told


def _line(rung: Rung, width: int) -> str:
    peer = f"{rung.transport} {rung.peer}"
    arrow = "◀──" if rung.sent else "──▶"
    sdp = " (SDP)" if rung.sdp else ""
    again = f"  ×{rung.repeats + 1}" if rung.repeats else ""
    leg = f"  [{rung.leg}]" if rung.leg else ""
    return f"{rung.ms:>10.0f} ms  {peer:<{width}} {arrow} {rung.line}{sdp}{again}{leg}"


async def _read(wanted: str) -> Ladder:
    database = Database(Settings.from_environment().database_url)
    try:
        await database.migrate()
        records = Records(database)
        calls = await calls_named(database, wanted, limit=SHOWN + 1)
        exact = [one for one in calls if one.id == wanted] or calls
        if len(exact) != 1:
            _refuse(wanted, exact)
        entries = await records.entries(exact[0].id)
        found = ladder(exact[0].id, (entry.event for entry in entries), hide=False)
    finally:
        await database.close()
    if not found.rungs:
        why = "it came by the web page" if exact[0].direction == "web" else NOTHING_KEPT
        _fail(f"{exact[0].id} has no SIP messages: {why}")
    return found


NOTHING_KEPT = "livekit-sip carried it, or an older release, or they are not stored yet"


def _refuse(wanted: str, calls: list[Call]) -> None:
    if not calls:
        _fail(f"no call has {wanted!r} in its id; `switchboard calls` shows ids of the last ones")
    for one in calls[:SHOWN]:
        typer.echo(f"{one.started_at.astimezone():%Y-%m-%d %H:%M:%S}  {one.id}", err=True)
    more = " and others" if len(calls) > SHOWN else ""
    _fail(f"{wanted!r} is in the ids of these calls{more}: give more of it")


def _look_at(file: Path) -> None:
    """Before anything is read whose result would be lost."""
    try:
        refuse_to_write(file)
    except UnwritableError as error:
        _fail(f"'{file}' cannot be written: {error.reason}", 2)


def _write(file: Path, found: Ladder) -> None:
    try:
        write_bytes(file, pcap(found))
    except UnwritableError as error:
        _fail(f"'{file}' cannot be written: {error.reason}", 2)
    typer.echo(f"{len(found.rungs)} messages in {file}")


def _fail(why: str, status: int = 1) -> NoReturn:
    typer.echo(f"switchboard: {why}", err=True)
    raise typer.Exit(status)
