"""`switchboard calls`: what happens in the calls, read from the event stream itself.

It needs Redis and nothing else, so it also works while the gateway is away.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Annotated, Any

import msgspec
import redis
import typer

from dialplans.contracts import why
from dialplans.contracts.events import STREAM, Ended, Event, Heard, Journal, decode
from gateway.cli.transcript import line

app = typer.Typer()
BLOCK_MS = 5_000
BACK = 200


@app.command()
def calls(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    call: Annotated[str, typer.Option(help="Only calls whose id holds this.")] = "",
    back: Annotated[int, typer.Option("--back", "-n", help="Events to begin with.")] = BACK,
    as_json: Annotated[bool, typer.Option("--json", help="One event a line.")] = False,
) -> None:
    """Calls as they happen, with what is said: live with --follow, else the last events."""
    url = os.environ.get("SWITCHBOARD_REDIS_URL", "redis://127.0.0.1:6389/0")
    terminal = Terminal(live=follow and sys.stdout.isatty() and not as_json, as_json=as_json)
    try:
        with redis.Redis.from_url(url, socket_timeout=BLOCK_MS / 1000 + 5) as client:
            position = _past(client, back, call, terminal)
            interrupted = _interrupted()
            while follow and not interrupted.is_set():
                position = _next(client, position, call, terminal)
    except redis.RedisError as error:
        typer.echo(f"switchboard: Redis cannot be reached: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        terminal.close()


def _interrupted() -> threading.Event:
    """Set by Ctrl-C, besides the exception, which is lost where it falls into a finaliser."""
    pressed = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        pressed.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    return pressed


class Terminal:
    """Prints events; while somebody speaks, what is heard so far is rewritten in place.

    Without a terminal only what is final is printed, so that a file holds each sentence once.
    """

    def __init__(self, *, live: bool, as_json: bool) -> None:
        self._live = live
        self._as_json = as_json
        self._open = False
        self._over: set[str] = set()

    def show(self, event: Event, raw: bytes) -> None:
        if self._as_json:
            typer.echo(raw.decode())
            return
        if isinstance(event, Ended):
            # The leg and the worker both say so; once is enough, but for what only one knows.
            if event.call in self._over and not why.one_way(event.figures):
                return
            self._over.add(event.call)
        interim = isinstance(event, Heard) and not event.final
        text = line(event)
        if text is None or (interim and not self._live):
            return
        start = "\r\x1b[K" if self._open else ""
        typer.echo(start + text, nl=not interim)
        self._open = interim
        sys.stdout.flush()

    def close(self) -> None:
        if self._open:
            typer.echo()


def _past(client: Any, back: int, wanted: str, terminal: Terminal) -> str:
    entries = list(reversed(client.xrevrange(STREAM, count=back))) if back else []
    for _, fields in entries:
        _show(fields, wanted, terminal)
    if entries:
        return str(entries[-1][0].decode())
    newest = client.xrevrange(STREAM, count=1)
    return str(newest[0][0].decode()) if newest else "0"


def _next(client: Any, position: str, wanted: str, terminal: Terminal) -> str:
    for _, entries in client.xread({STREAM: position}, block=BLOCK_MS, count=100) or []:
        for entry, fields in entries:
            _show(fields, wanted, terminal)
            position = entry.decode()
    return position


def _show(fields: dict[bytes, bytes], wanted: str, terminal: Terminal) -> None:
    """An entry that is not an event, from a newer version perhaps, does not stop the reader."""
    raw = fields.get(Journal.FIELD.encode(), b"")
    try:
        event = decode(raw)
    except msgspec.MsgspecError as error:
        typer.echo(f"(an event that cannot be read: {error})", err=True)
        return
    if wanted in event.call:
        terminal.show(event, raw)
