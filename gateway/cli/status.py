"""The state of the whole installation as one value, and two ways to show it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import typer

from gateway.local.control import NotRunningError, ask
from gateway.local.environment import environment
from gateway.local.keys import read_keys
from gateway.local.layout import Layout


@dataclass(frozen=True)
class Status:
    """`numbers` are the dialplan's; `dialplan` has its file, its revision and what was wrong with
    the last edit that was not taken over."""

    running: bool
    services: list[dict[str, Any]]
    sip: str
    numbers: list[str]
    livekit: str
    console: str
    dialplan: dict[str, Any] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        return self.running and all(s["state"] == "ready" for s in self.services)


def collect(layout: Layout) -> Status:
    try:
        services = ask(layout, "status")["services"]
    except NotRunningError:
        services = []
    numbers, problems = _plan_on_disk(layout)
    revision, refused = _plan_in_force(layout) if services else (None, [])
    return Status(
        running=bool(services),
        services=services,
        sip=str(layout.sip.dialled()),
        numbers=numbers,
        livekit=layout.livekit_url,
        console=layout.console_url,
        dialplan={
            "file": str(layout.dialplan),
            "revision": revision,
            "problems": refused or problems,
        },
    )


def show(status: Status, *, as_json: bool = False) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(status), indent=1, ensure_ascii=False))
        return
    if not status.running:
        typer.echo("Switchboard is not running; start it with `switchboard up`.")
        return
    for service in status.services:
        again = f"restarted {service['restarts']}×" if service["restarts"] else ""
        line = f"  {service['name']:<10} {service['state']:<14} {service['address']}  {again}"
        typer.echo(line.rstrip())
    typer.echo(f"  dialplan   {status.dialplan['revision'] or '-'}  {status.dialplan['file']}")
    for problem in status.dialplan["problems"]:
        typer.echo(f"    not in force: {problem}")
    typer.echo(f"\nConsole  {status.console}")
    typer.echo(f"Dial     {'  '.join(f'sip:{n}@{status.sip}' for n in status.numbers)}")


def _plan_on_disk(layout: Layout) -> tuple[list[str], list[str]]:
    from dialplans.load import load

    loaded = load(layout.dialplan)
    problems = [
        f"{p.place}: {p.code} {p.message}" for p in loaded.problems if p.severity == "error"
    ]
    numbers = [n for n in loaded.plan.numbers if n.startswith("+")] if loaded.plan else []
    return numbers, problems


def _plan_in_force(layout: Layout) -> tuple[str | None, list[str]]:
    """What Redis holds; nothing when Redis is away, because status must answer even then."""
    import redis

    keys = read_keys(layout.secrets)
    if keys is None:
        return None, []
    url = environment(layout, keys)["SWITCHBOARD_REDIS_URL"]
    try:
        with redis.Redis.from_url(url, decode_responses=True, socket_timeout=1) as client:
            found = client.get("switchboard:plan:current")
            problems = client.get("switchboard:plan:problems")
    except redis.RedisError:
        return None, []
    return (str(found) if found else None), _lines(problems)


def _lines(stored: object) -> list[str]:
    """The plan that was refused last, as `dialplans.store.Rejected` keeps it."""
    if not stored:
        return []
    return [
        f"{p['file']}:{p['line']}:{p['column']}: {p['code']} {p['message']}"
        for p in json.loads(str(stored))["problems"]
    ]
