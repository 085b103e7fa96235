"""A plan of 1,000 rules and 200 numbers, made up; and how figures about it are printed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import quantiles

RULES, NUMBERS = 1000, 200
_ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo")


def numbers() -> list[str]:
    return [f"+49892000{n:04d}" for n in range(NUMBERS)]


def large_plan(routes: int) -> str:
    """`routes` routes that share the rules evenly; 1 is the worst case, one very long list.

    Each rule asks for another caller, list, header, language or hours, so none is shadowed.
    """
    each = RULES // routes
    lines = ["version: 1", "timezone: Europe/Berlin", "hours:"]
    lines += [f"  h{n}: {_week(n)}" for n in range(20)]
    lines += ["holidays:", '  "12-25": closed', '  "12-24": "08:30-12:00"', "lists:"]
    lines += [f'  l{n}: ["+4930{n:03d}*", "+49891{n:03d}00"]' for n in range(100)]
    lines += ["trunks:", '  carrier: {allow: ["203.0.113.0/28"]}', "numbers:"]
    lines += [
        f'  "{number}": {{trunk: carrier, language: {("de", "en")[n % 2]}, '
        f"timezone: {_ZONES[n % 4]}, route: r{n % routes}}}"
        for n, number in enumerate(numbers())
    ]
    lines.append("routes:")
    for route in range(routes):
        lines.append(f"  r{route}:")
        lines += [f"    - {_rule(route * each + n)}" for n in range(each - 1)]
        lines.append("    - {do: {persona: anna}}")
    lines += ["personas:", "  anna: {prompt: p.md, to_human: {voicemail: box}}"]
    lines += ["  bert: {extends: anna, prompt: p.md}", "voicemail: {box: {max: 60s}}"]
    return "\n".join(lines) + "\n"


def _week(n: int) -> str:
    morning, afternoon = f"0{7 + n % 3}:{n:02d}-12:00", f"13:00-1{6 + n % 3}:{n:02d}"
    return f'{{mon-fri: ["{morning}", "{afternoon}"], sat: "10:00-14:00"}}'


def _rule(n: int) -> str:
    when, do = (
        (f'caller: ["+4917{n:05d}*", l{n % 100}], hours: h{n % 20}, is: closed', "persona: bert"),
        (f'caller: "+4915{n:06d}"', "voicemail: box"),
        (f'header: {{X-Campaign: "c{n}-*"}}', "split: {anna: 70, bert: 30}"),
        (f'hours: h{n % 20}, caller: "+33{n:05d}*", language: de', "persona: bert"),
    )[n % 4]
    return f"{{when: {{{when}}}, do: {{{do}}}}}"


def some_caller(rng: random.Random) -> str:
    start = rng.choice(("+4917", "+4915", "+4930", "+33", "+44"))
    return f"{start}{rng.randint(0, 9_999_999):07d}"


def timed(work: Callable[[], object]) -> float:
    """Seconds that one run takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def show(what: str, seconds: list[float], bound: float) -> bool:
    """One line of the table; whether the 99th of a hundred is within the bound."""
    cuts = quantiles(seconds, n=100) if len(seconds) > 1 else seconds * 99
    p50, p95, p99 = (1000 * cuts[k - 1] for k in (50, 95, 99))
    ok = p99 <= bound * 1000
    mark = "" if ok else "   <-- over"
    print(
        f"{what:<52} n={len(seconds):>6}  p50 {p50:9.3f}  p95 {p95:9.3f}  p99 {p99:9.3f} ms"
        f"  (must be < {bound * 1000:g} ms){mark}"
    )
    return ok
