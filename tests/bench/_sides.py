"""Ours and stock on the same servers, the same SIP leg and the same weights.

The dialplan gets one more trunk with one more number, provisioned like any other. Of the rule that
this makes on livekit-server two things are then changed through its API: the name of the agent it
dispatches, and the prefix of its rooms, so that the steward does not take them for calls of ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from livekit import api

from gateway.local.processes.control import ask
from sip.phone.call import HungUpError, PhoneCall
from tests.bench._machine import settle
from tests.bench._talk import without_refusal
from tests.stack.caller import RECEPTION, Telephone, new_number
from tests.stack.free_ports import free_ports
from tests.stack.running import START_S, Stack, running_stack
from tests.stack.servers import ended, short_folder

ROOT = Path(__file__).parents[2]
MODEL = os.environ.get("SWITCHBOARD_BENCH_MODEL", "base")
"""Base meets the recognition line on human and on synthetic callers, its aim too."""
STOCK_NUMBER = "+442079460900"
AGENT = "stock"
TRUNK = "  local: {allow"
NUMBER = '  "+442079460100": {trunk: local'


@dataclass(frozen=True)
class Side:
    """Who is called, where, and the processes that are theirs."""

    name: str
    number: str
    stack: Stack
    roots: tuple[int, ...]

    async def calm(self, calls: int = 0) -> float:
        return await settle(*self.roots, calls=calls)

    async def dial(self, phones: Telephone) -> PhoneCall:
        return (await phones.dial(self.number, caller=new_number())).call

    async def reach(self, phones: Telephone) -> PhoneCall:
        """Answered, and the greeting is over."""
        return await without_refusal(lambda: self.dial(phones))


@contextlib.contextmanager
def ours_alone(settings: dict[str, str] | None = None) -> Iterator[Side]:
    """The whole system with the recogniser forced to MODEL: by itself it measures the machine and
    chooses, which would make two runs two different things."""
    forced = {"SWITCHBOARD_SPEECH_MODEL": MODEL, **(settings or {})}
    with running_stack(forced) as stack:
        yield _ours(stack)


@contextlib.contextmanager
def both_sides(settings: dict[str, str] | None = None) -> Iterator[tuple[Side, Side]]:
    """(ours, stock), both up and warm."""
    with short_folder() as folder:
        plan = _dialplan(folder)
        with ours_alone({**(settings or {}), "SWITCHBOARD_DIALPLAN": str(plan)}) as ours:
            asyncio.run(_give_to_stock(ours.stack))
            with _stock_worker(ours.stack, folder / "stock.log") as pid:
                yield ours, Side("stock", STOCK_NUMBER, ours.stack, (*ours.roots, pid))


def _ours(stack: Stack) -> Side:
    return Side("ours", RECEPTION, stack, (int(ask(stack.layout, "status")["pid"]),))


def _dialplan(folder: Path) -> Path:
    """The demo company's, and a number that stock will answer."""
    whole = folder / "dialplans"
    shutil.copytree(ROOT / "dialplans", whole, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    plan = whole / "main.yaml"
    text = plan.read_text("utf-8")
    for mark, line in (
        (TRUNK, '  stock: {allow: ["127.0.0.1/32"]}\n'),
        (NUMBER, f'  "{STOCK_NUMBER}": {{trunk: stock, language: en, route: reception}}\n'),
    ):
        assert text.count(mark) == 1, f"the shipped dialplan has no {mark!r} any more"
        text = text.replace(mark, line + mark)
    plan.write_text(text, "utf-8")
    return plan


async def _give_to_stock(stack: Stack) -> None:
    async with stack.api() as client:
        listed = await client.sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest())
        rule = next(one for one in listed.items if one.name.endswith("/rule/stock"))
        rule.room_config.agents[0].agent_name = AGENT
        rule.rule.dispatch_rule_callee.room_prefix = "stock-"
        await client.sip.update_dispatch_rule(rule.sip_dispatch_rule_id, rule)


@contextlib.contextmanager
def _stock_worker(stack: Stack, log: Path) -> Iterator[int]:
    port = free_ports(1)[0]
    env = stack.env | {
        "STOCK_MODEL": MODEL,
        "STOCK_AGENT": AGENT,
        "SWITCHBOARD_WORKER_PORT": str(port),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.stock_worker", "start"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        with ended(process, within_s=60):
            _wait_until_it_answers(port, process, log)
            yield process.pid


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/", timeout=2).status_code == 200:
                return
        assert process.poll() is None, log.read_text("utf-8", "replace")
        assert time.monotonic() < deadline, "the stock worker is not ready"
        time.sleep(0.2)


async def series(
    side: Side,
    phones: Telephone,
    samples: Callable[[PhoneCall], AsyncIterator[float | None]],
    *,
    wanted: int,
    a_call: int,
) -> list[float]:
    """Samples in milliseconds from as many calls as it takes, `a_call` of them from each at best;
    None is none. Twice the calls that are needed are the most, for those that are cut short."""
    found: list[float] = []
    for _ in range(2 * -(-wanted // a_call)):
        if len(found) >= wanted:
            break
        of_call: list[float] = []
        call = await side.reach(phones)
        try:
            async for ms in samples(call):
                if ms is not None:
                    of_call.append(ms)  # noqa: PERF401 what came before a cut is kept
        except (TimeoutError, HungUpError) as error:
            print(f"  a call was cut short: {error!r}")
        finally:
            await call.hang_up()
        print(f"  {', '.join(f'{ms:.0f}' for ms in of_call)} ms", flush=True)
        found += of_call
        await side.calm()
    return found


async def warmed(phones: Telephone, *sides: Side) -> None:
    """A call to each that counts for nothing, and then all is calm."""
    for side in sides:
        await side.calm()
        await (await side.reach(phones)).hang_up()
    for side in sides:
        await side.calm()
