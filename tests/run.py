"""`python -m tests.run`: the checks and every test, in four lanes beside each other, one summary.

A caller's or a supervisor's story on the whole system mostly waits for time, and fails where its
sound comes late. Beside it, what that leaves of the processors goes to the tests with servers of
their own or a real clock, those of the SIP leg and the others, which wait for time as well; and
what those leave to the tests without. The latter have no second try: however busy the machine is,
they hold. The checks follow in the lane that is through first.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TextIO

from tests.programs import keep_bytecode

ROOT = Path(__file__).resolve().parents[1]
AGAIN = ("--reruns", "2", "--reruns-delay", "2")
"""Where real programs talk in real time a neighbour on the same processors can spoil a test. Such a
test has two more tries, and the summary names and counts them."""

LITTLE = ("nice", "-n", "10")
"""A tenth of what the stories get where both want a processor: what waits for a server in real time
must not be left without for long."""

LESS = ("nice", "-n", "15")
"""And a thirtieth: what waits for no real time may take longer."""

REST = ("chrt", "--idle", "0") if hasattr(os, "SCHED_IDLE") else ("nice", "-n", "19")
"""Only what nobody else wants, and off the processor the moment that somebody does."""


@dataclass(frozen=True)
class Part:
    """One program; `counted` where its last line is pytest's. Without what it `needs` it counts as
    failed, not as passed."""

    name: str
    command: tuple[str, ...]
    counted: bool = False
    needs: str = ""


@dataclass(frozen=True)
class Result:
    status: int
    counts: Counter[str]


def pytest_of(
    name: str, chosen: Sequence[str], argv: Sequence[str], before: Sequence[str] = ()
) -> Part:
    shown = ("-q", "-rfER", "--durations=10")
    run = (*before, sys.executable, "-m", "pytest", *shown, *chosen, *argv)
    return Part(name, run, counted=True)


def lanes(argv: Sequence[str]) -> list[list[Part]]:
    """The first is shown as it runs, the others when it is over."""
    whole = ("tests/stack", "tests/console")
    stories = ("-m", "(stack or console) and not soak and not telephones", *whole, *AGAIN)
    servers = ("-m", "(stack or speech or real_time) and not soak and not telephones", *AGAIN)
    leg = "tests/sip"
    others = (f"--ignore={one}" for one in (*whole, leg))
    pure = ("-m", "not stack and not speech and not console and not real_time")
    return [
        [pytest_of("stories", stories, argv)],
        [pytest_of("the leg with servers of its own", (*servers, leg), argv, LITTLE)],
        [
            pytest_of("others with servers of their own", (*servers, *others), argv, LITTLE),
            Part("checks", (*REST, "make", "--no-print-directory", "check")),
            Part("web", (*REST, "npm", "--prefix", "web", "test"), needs="web/node_modules"),
        ],
        [pytest_of("without servers", pure, argv, LESS)],
    ]


NO_TESTS = 5
COUNTED = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|rerun|warnings?)\b")


def main(argv: list[str]) -> int:
    """Exit status 0 only if every part passed. Arguments go to pytest."""
    began = time.monotonic()
    keep_bytecode()
    first, *others = lanes(argv)
    with ThreadPoolExecutor(len(others)) as beside:
        kept = [beside.submit(later, lane) for lane in others]
        found = [run(part, sys.stdout) for part in first]
        for lane in kept:
            results, said = lane.result()
            sys.stdout.write(said)
            found += results
    counts = sum((one.counts for one in found), Counter[str]())
    words = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()) if n)
    line = f" {words or 'no tests ran'} in {time.monotonic() - began:.2f}s "
    sys.stdout.write(f"{line:=^80}\n")
    return next((one.status for one in found if one.status), 0)


def later(lane: Sequence[Part]) -> tuple[list[Result], str]:
    """Their results, and all that was said."""
    output = StringIO()
    return [run(part, output) for part in lane], output.getvalue()


def run(part: Part, to: TextIO, root: Path = ROOT) -> Result:
    """Passes the output on as it comes. How long it took is said, and what it used of the
    processors with all that it started: minutes that only pass cost less than minutes that
    compute."""
    began = time.monotonic()
    to.write(f"\n==> {part.name}\n")
    if not (root / part.needs).exists():
        to.write(f"{part.needs} is missing, so nothing ran: `make test` installs it\n")
        return Result(1, Counter())
    process = subprocess.Popen(
        part.command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    last = ""
    with process.stdout:
        for line in process.stdout:
            to.write(line)
            to.flush()
            last = line if COUNTED.search(line) else last
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    computed = used.ru_utime + used.ru_stime
    to.write(f"{time.monotonic() - began:.0f} s, {computed:.0f} s of processor time\n")
    counts: Counter[str] = Counter()
    for count, what in COUNTED.findall(last) if part.counted else ():
        counts[what.removesuffix("s") if what.startswith("error") else what] += int(count)
    nothing_chosen = part.counted and process.returncode == NO_TESTS
    return Result(0 if nothing_chosen else process.returncode, counts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
