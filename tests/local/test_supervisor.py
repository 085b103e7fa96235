"""Starting in order, watching, restarting, and leaving nothing behind: with real processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import psutil
import pytest

from gateway.local.address import Address
from gateway.local.config_files import write_config_files
from gateway.local.keys import ensure_keys
from gateway.local.layout import Layout
from gateway.local.log_file import LogFile
from gateway.local.processes.child import Child, end_leftovers
from gateway.local.processes.control import NotRunningError, ask
from gateway.local.processes.ports import taken_ports
from gateway.local.processes.probes import answers_http
from gateway.local.processes.services import Service
from gateway.local.processes.supervisor import CannotStartError, Supervisor
from gateway.local.processes.watch import CALM_S, FIRST_PAUSE_S, LONGEST_PAUSE_S, next_pause
from tests.stack.free_ports import free_ports
from tests.stack.servers import own_environment, short_folder

SERVER = """
import http.server, subprocess, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
print("hello from", sys.argv[1], flush=True)
if len(sys.argv) > 3: subprocess.Popen(["sleep", sys.argv[3]])
http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Answer).serve_forever()
"""


def web_server(name: str, port: int, stage: int, *more: str) -> Service:
    address = Address("127.0.0.1", port)
    return Service(
        name=name,
        command=(sys.executable, "-c", SERVER, name, str(port), *more),
        address=str(address),
        ready=answers_http(address),
        stage=stage,
        ports=(("tcp", address),),
        grace_s=2.0,
    )


@pytest.fixture
def layout() -> Iterator[Layout]:
    with short_folder() as home:
        found = Layout.from_environment(own_environment(home))
        write_config_files(found, ensure_keys(found.secrets))
        yield found


@contextlib.asynccontextmanager
async def supervised(layout: Layout, *services: Service) -> AsyncIterator[LogFile]:
    """Runs the supervisor until all is started, and stops it afterwards as `down` does."""
    log = LogFile(layout.logs)
    task = asyncio.create_task(Supervisor(layout, services, log).run())
    try:
        async with asyncio.timeout(20):
            while not (await state_of(layout)).get("complete"):
                if task.done():
                    task.result()
                await asyncio.sleep(0.02)
        yield log
    finally:
        with contextlib.suppress(NotRunningError):
            await asked(layout, "down")
        await task
        log.close()


async def asked(layout: Layout, op: str, name: str = "") -> dict[str, Any]:
    return await asyncio.to_thread(ask, layout, op, name)


async def state_of(layout: Layout) -> dict[str, Any]:
    try:
        return await asked(layout, "status")
    except NotRunningError:
        return {}


async def service(layout: Layout, name: str) -> dict[str, Any]:
    return next(s for s in (await asked(layout, "status"))["services"] if s["name"] == name)


async def another(layout: Layout, name: str, old: int) -> dict[str, Any]:
    """The service once a process other than `old` is ready."""
    async with asyncio.timeout(20):
        while True:
            found = await service(layout, name)
            if found["state"] == "ready" and found["pid"] != old:
                return found
            await asyncio.sleep(0.05)


async def test_a_stage_begins_when_the_one_before_it_is_ready(layout: Layout) -> None:
    """The order of the log is the order of the start."""
    one, two = free_ports(2)
    async with supervised(layout, web_server("second", two, 1), web_server("first", one, 0)):
        pass
    lines = [line.split(" | ")[1] for line in log_text(layout).splitlines() if " up " in line]

    assert [line.partition(":")[0] for line in lines[:4]] == [
        "first starting",
        "first ready",
        "second starting",
        "second ready",
    ]
    assert lines[-2:] == ["second stopped", "first stopped"]


async def test_what_dies_is_started_again(layout: Layout) -> None:
    (port,) = free_ports(1)
    async with supervised(layout, web_server("web", port, 0)):
        old = (await service(layout, "web"))["pid"]
        os.kill(old, signal.SIGKILL)
        found = await another(layout, "web", old)

    assert found["restarts"] == 1
    assert "web restarting: killed by signal 9 (hello from web)" in log_text(layout)


async def test_what_comes_before_a_start_comes_before_each(layout: Layout) -> None:
    """And when it fails, the service starts all the same: the log says why it was unprepared."""
    (port,) = free_ports(1)
    times = 0

    async def prepare() -> None:
        nonlocal times
        times += 1
        if times > 1:
            raise ConnectionError("no Redis")

    web = replace(web_server("web", port, 0), before=prepare)
    async with supervised(layout, web):
        old = (await service(layout, "web"))["pid"]
        os.kill(old, signal.SIGKILL)
        await another(layout, "web", old)

    assert times == 2
    assert "web starts unprepared: no Redis" in log_text(layout)


async def test_what_a_dead_process_started_dies_with_it(layout: Layout) -> None:
    """A worker that is killed must not leave half a job talking to a caller."""
    (port,) = free_ports(1)
    async with supervised(layout, web_server("web", port, 0, "300")):
        old = (await service(layout, "web"))["pid"]
        (left,) = psutil.Process(old).children()
        os.kill(old, signal.SIGKILL)
        await another(layout, "web", old)

        assert not left.is_running() or left.status() == psutil.STATUS_ZOMBIE


async def test_a_service_can_be_stopped_and_started_by_name(layout: Layout) -> None:
    """Stopped means stopped: it is not started again until somebody asks."""
    (port,) = free_ports(1)
    async with supervised(layout, web_server("web", port, 0)):
        stopped = await asked(layout, "stop", "web")
        pid = (await service(layout, "web"))["pid"]
        started = await asked(layout, "start", "web")
        unknown = await asked(layout, "stop", "nobody")

    assert (stopped["state"], pid, started["state"]) == ("stopped", None, "ready")
    assert unknown == {"error": "there is no service 'nobody'"}


async def test_a_process_that_does_not_answer_is_told_apart_from_a_ready_one(
    layout: Layout,
) -> None:
    """It runs, but asked now it says nothing."""
    (port,) = free_ports(1)
    async with supervised(layout, web_server("web", port, 0)):
        pid = (await service(layout, "web"))["pid"]
        os.kill(pid, signal.SIGSTOP)
        found = await service(layout, "web")
        os.kill(pid, signal.SIGCONT)

    assert found["state"] == "not answering"


async def test_a_process_that_will_not_stop_is_ended_all_the_same(layout: Layout) -> None:
    deaf = "import signal, time\nfor n in (2, 15): signal.signal(n, signal.SIG_IGN)\n"
    (port,) = free_ports(1)
    stubborn = replace(
        web_server("deaf", port, 0), command=(sys.executable, "-c", deaf + SERVER, "x", str(port))
    )
    async with supervised(layout, replace(stubborn, grace_s=0.2)):
        pid = (await service(layout, "deaf"))["pid"]

    assert not psutil.pid_exists(pid)


async def test_a_taken_port_is_told_before_anything_starts(layout: Layout) -> None:
    """Who holds it, and the setting that moves us out of the way."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(CannotStartError) as refused:
            await Supervisor(layout, [web_server("sip", port, 0)], LogFile(layout.logs)).run()

    (problem,) = refused.value.problems
    assert problem.startswith(f"sip: tcp port {port} on 127.0.0.1 is taken")
    assert f"(pid {os.getpid()})" in problem
    assert problem.endswith("set SWITCHBOARD_SIP_LISTEN or SWITCHBOARD_SIP_HEALTH")


def test_the_port_of_tls_is_moved_by_its_own_setting(layout: Layout) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        service = replace(web_server("sip", port, 0), ports=(("tls", Address("127.0.0.1", port)),))
        (problem,) = taken_ports([service])

    assert problem.startswith(f"sip: tls port {port} on 127.0.0.1 is taken by ")
    assert problem.endswith("set SWITCHBOARD_SIP_TLS_LISTEN")


def test_a_taken_udp_port_is_told_too() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        address = Address("127.0.0.1", holder.getsockname()[1])
        service = replace(web_server("sip", address.port, 0), ports=(("udp", address),))

        assert "udp port" in taken_ports([service])[0]


async def test_two_supervisors_of_one_home_are_one_too_many(layout: Layout) -> None:
    one, two = free_ports(2)
    async with supervised(layout, web_server("web", one, 0)):
        second = Supervisor(layout, [web_server("web", two, 0)], LogFile(layout.logs))
        with pytest.raises(CannotStartError, match="already running"):
            await second.run()


async def test_what_a_killed_supervisor_left_is_ended_at_the_next_start(layout: Layout) -> None:
    """By id and time of birth together: the id may belong to somebody else by now."""
    (port,) = free_ports(1)
    log = LogFile(layout.logs)
    child = await Child.start(web_server("web", port, 0), layout, log)
    stranger = layout.run / "stranger.json"
    stranger.write_text(f'{{"pid": {os.getpid()}, "born": 1.0}}', "utf-8")
    ended = await asyncio.to_thread(end_leftovers, layout)
    await child.wait()
    log.close()

    assert ended == [f"web (pid {child.pid})"]
    assert list(layout.run.glob("*.json")) == []


def test_a_process_that_keeps_dying_is_started_ever_more_rarely() -> None:
    """And at once again if it had run well for a while before."""
    pause, pauses = FIRST_PAUSE_S, []
    for _ in range(8):
        pause = next_pause(pause, ran_s=0.1)
        pauses.append(pause)

    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_S
    assert next_pause(LONGEST_PAUSE_S, ran_s=CALM_S) == FIRST_PAUSE_S


def log_text(layout: Layout) -> str:
    return (layout.logs / "switchboard.log").read_text("utf-8")
