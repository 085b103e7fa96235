"""What happens while everything starts or stops, one line for each step."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import typer

from gateway.local.layout import Layout
from gateway.local.processes.control import NotRunningError, ask
from gateway.local.processes.probes import Probe, answers_http

POLL_S = 0.15
CALM_S = 90.0
HEARTBEAT_S = 10.0
SETTLING_S = 15.0
"""A machine that is busy with its first start may leave a question unanswered for a moment."""


def follow_start(layout: Layout) -> list[str]:
    """Prints each change until everything was started; returns what is not well then."""
    shown: dict[str, str] = {}
    spoken = time.monotonic()
    settled: float | None = None
    while True:
        status = ask(layout, "status")
        for service in status["services"]:
            line = f"  {service['name']:<10} {service['state']:<12} {service['note']}"
            if shown.get(service["name"]) != service["state"] and service["state"] != "waiting":
                shown[service["name"]] = service["state"]
                typer.echo(line.rstrip())
                spoken = time.monotonic()
        settled = settled or (time.monotonic() if status["complete"] else None)
        well = all(s["state"] == "ready" for s in status["services"])
        if settled and (well or time.monotonic() - settled > SETTLING_S):
            return _complaints(status["services"])
        if time.monotonic() - spoken > HEARTBEAT_S:
            waiting = [s["name"] for s in status["services"] if s["state"] == "starting"]
            typer.echo(f"  … waiting for {', '.join(waiting) or 'the next'}")
            spoken = time.monotonic()
        time.sleep(POLL_S)


def wait_until_calm(layout: Layout) -> None:
    """Models load and greetings are rendered just after the start; the SIP leg refuses calls while
    the machine is that busy, and a first call that is refused would be a poor welcome."""
    probes = [answers_http(leg.health, but_not_busy=True) for leg in layout.legs]
    deadline = time.monotonic() + CALM_S
    told = False
    while not asyncio.run(_all(probes)) and time.monotonic() < deadline:
        if not told:
            typer.echo("  … the machine is still busy with the start; calls are taken in a moment")
            told = True
        time.sleep(1)


async def _all(probes: Sequence[Probe]) -> bool:
    return all(await asyncio.gather(*(probe() for probe in probes)))


def _complaints(services: list[dict[str, Any]]) -> list[str]:
    problems = [
        f"{s['name']} is {s['state']}: {s['note'] or 'see `switchboard logs ' + s['name'] + '`'}"
        for s in services
        if s["state"] != "ready"
    ]
    for problem in problems:
        typer.echo(f"switchboard: {problem}", err=True)
    return problems


def follow_stop(layout: Layout, pid: int) -> None:
    running: list[str] = []
    while psutil.pid_exists(pid):
        try:
            services = ask(layout, "status")["services"]
        except NotRunningError:
            break
        left = [s["name"] for s in services if s["state"] != "stopped"]
        _say_stopped([name for name in running if name not in left])
        running = left
        time.sleep(POLL_S)
    while psutil.pid_exists(pid):
        time.sleep(POLL_S)
    _say_stopped(running)


def _say_stopped(names: list[str]) -> None:
    for name in names:
        typer.echo(f"  {name:<10} stopped")


def followed(path: Path, offset: int) -> Iterator[str]:
    """Lines as they are written, through a turn-over of the file; ends with Ctrl-C."""
    while True:
        if path.exists():
            if path.stat().st_size < offset:
                offset = 0
            with path.open(encoding="utf-8", errors="replace") as file:
                file.seek(offset)
                while line := file.readline():
                    if not line.endswith("\n"):
                        break
                    offset = file.tell()
                    yield line
        time.sleep(0.2)
