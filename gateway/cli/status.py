"""The state of the whole installation as one value, and two ways to show it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import msgspec
import redis
import typer

from dialplans.contracts.carriers import CarrierState, carriers_of, down_by_leg
from dialplans.contracts.jobs import RETENTION
from dialplans.language.leg_capabilities import ANY, Leg, running, sentences
from dialplans.language.load import load
from dialplans.language.unspoken_languages import ADVICE, sentence, unspoken
from dialplans.speech.voices import IN_FORCE, Voices, here
from gateway.local.environment import environment
from gateway.local.keys import read_keys
from gateway.local.layout import Layout
from gateway.local.leg_health import account_line, accounts, telephone_line, telephones
from gateway.local.processes.control import NotRunningError, ask
from gateway.local.sip_legs import is_leg
from gateway.records.retention import Forgotten


@dataclass(frozen=True)
class Status:
    """`numbers` are the dialplan's; `dialplan` has its file, its revision and what was wrong with
    the last edit that was not taken over; `unspoken` says who would hear another language than the
    plan wants, because nobody here speaks that."""

    running: bool
    services: list[dict[str, Any]]
    sip: str
    numbers: list[str]
    livekit: str
    console: str
    dialplan: dict[str, Any] = field(default_factory=dict)
    unspoken: list[str] = field(default_factory=list)
    dial: list[str] = field(default_factory=list)
    """Where each SIP leg is dialled; `sip` is the first."""
    leg: str = ""
    """The SIP leg in use: `bridge`, `livekit-sip`, or nothing where none is known."""
    beyond_leg: list[str] = field(default_factory=list)
    """What the plan asks for and the SIP leg in use cannot do."""
    leg_advice: str = ""
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By trunk, the accounts that the SIP leg keeps registered."""
    telephones: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By name, the telephones of the company, and where each is registered."""
    carriers_down: list[str] = field(default_factory=list)
    """Addresses that calls out go to and that do not answer."""
    retention: str = ""
    """When calls were forgotten last, and what went wrong then."""

    @property
    def well(self) -> bool:
        ready = all(s["state"] == "ready" for s in self.services)
        known = all(account["registered"] for account in self.accounts.values())
        return self.running and ready and known and not self.unspoken and not self.beyond_leg


def as_it_runs(layout: Layout, services: Sequence[Mapping[str, Any]]) -> Layout:
    """With as many SIP legs as there are, which only who started them has to be told."""
    legs = [one for one in services if is_leg(str(one["name"]))]
    return replace(layout, sip_legs=max(1, len(legs)))


def collect(layout: Layout) -> Status:
    try:
        services = ask(layout, "status")["services"]
    except NotRunningError:
        services = []
    layout = as_it_runs(layout, services)
    loaded = load(layout.dialplan)
    plan = loaded.plan
    problems = [
        f"{p.place}: {p.code} {p.message}" for p in loaded.problems if p.severity == "error"
    ]
    revision, refused, told, gone = _in_force(layout) if services else (None, [], None, "")
    leg = _leg(layout) if services else ANY
    voices = msgspec.json.decode(told, type=Voices) if told else here(os.environ)
    return Status(
        running=bool(services),
        services=services,
        sip=str(layout.sip.dialled()),
        dial=[str(leg.sip.dialled()) for leg in layout.legs],
        numbers=[n for n in plan.numbers if n.startswith("+")] if plan else [],
        livekit=layout.livekit_url,
        console=layout.console_url,
        dialplan={
            "file": str(layout.dialplan),
            "revision": revision,
            "problems": refused or problems,
        },
        unspoken=[sentence(lang, whom) for _, lang, whom in unspoken(plan, voices)] if plan else [],
        leg=leg.name,
        beyond_leg=sentences(plan, leg) if plan else [],
        leg_advice=leg.advice,
        accounts=accounts(layout) if services else {},
        telephones=telephones(layout) if services else {},
        carriers_down=_carriers_down(layout) if services else [],
        retention=gone,
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
    for missing in status.unspoken:
        typer.echo(f"  voice      {missing}; {ADVICE}")
    several = f", {len(status.dial)} of them" if len(status.dial) > 1 else ""
    typer.echo(f"  SIP leg    {status.leg or 'none is known'}{several}")
    for said in status.beyond_leg:
        typer.echo(f"    lacks    {said}; {status.leg_advice}")
    for trunk, state in status.accounts.items():
        typer.echo(f"  account    {account_line(trunk, state)}")
    for name, state in status.telephones.items():
        typer.echo(f"  telephone  {telephone_line(name, state)}")
    for said in status.carriers_down:
        typer.echo(f"  carrier    {said}")
    if status.retention:
        typer.echo(f"  retention  {status.retention}")
    typer.echo(f"\nConsole  {status.console}")
    before = "Dial"
    for where in status.dial or [status.sip]:
        typer.echo(f"{before:<9}{'  '.join(f'sip:{n}@{where}' for n in status.numbers)}")
        before = ""


def _redis_url(layout: Layout) -> str | None:
    """None where nothing was started yet."""
    keys = read_keys(layout.secrets)
    return environment(layout, keys)["SWITCHBOARD_REDIS_URL"] if keys is not None else None


def _leg(layout: Layout) -> Leg:
    url = _redis_url(layout)
    try:
        return running(url) if url is not None else ANY
    except OSError:
        return ANY  # status must answer even then


def _carriers_down(layout: Layout) -> list[str]:
    """As each SIP leg finds them, which need not agree."""
    url = _redis_url(layout)
    if url is None:
        return []
    try:
        with redis.Redis.from_url(url, socket_timeout=1) as client:
            told = client.mget([carriers_of(leg.called) for leg in layout.legs])
    except redis.RedisError:
        return []
    by_leg = {
        leg.name: msgspec.json.decode(one, type=list[CarrierState])
        for leg, one in zip(layout.legs, told, strict=True)
        if one
    }
    return down_by_leg(by_leg)


def _in_force(layout: Layout) -> tuple[str | None, list[str], str | None, str]:
    """What Redis holds: the revision, what was refused, what the workers speak, what was forgotten;
    nothing when Redis is away, because status must answer even then."""
    url = _redis_url(layout)
    if url is None:
        return None, [], None, ""
    try:
        with redis.Redis.from_url(url, decode_responses=True, socket_timeout=1) as client:
            found = client.get("switchboard:plan:current")
            problems = client.get("switchboard:plan:problems")
            told = client.get(IN_FORCE)
            gone = retention_line(client.get(RETENTION))
    except redis.RedisError:
        return None, [], None, ""
    return (str(found) if found else None), _lines(problems), (str(told) if told else None), gone


def retention_line(stored: Any) -> str:
    """What a gateway forgot last, as it told Redis."""
    if not stored:
        return "has not run yet"
    last = msgspec.json.decode(stored, type=Forgotten)
    gone = ", ".join(f"{count} {what}" for what, count in last.gone.items() if count)
    if last.before is None:
        return f"{last.at:%Y-%m-%d %H:%M}Z  nothing is ever forgotten"
    wrong = "".join(f"  NOT FORGOTTEN in {place}: {why}" for place, why in last.problems.items())
    return f"{last.at:%Y-%m-%d %H:%M}Z  forgot {gone or 'nothing'}{wrong}"


def _lines(stored: object) -> list[str]:
    """The plan that was refused last, as `dialplans.revisions.store.Rejected` keeps it."""
    if not stored:
        return []
    return [
        f"{p['file']}:{p['line']}:{p['column']}: {p['code']} {p['message']}"
        for p in json.loads(str(stored))["problems"]
    ]
