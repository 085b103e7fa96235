"""`python -m tests.run`: every test, in two lanes beside each other, one summary.

A caller's or a supervisor's story on the whole system mostly waits for time, and fails where its
sound comes late. Beside it, what that leaves of the processors goes to the tests with servers of
their own and then to those without any, which give way to it. The latter have no second try:
however busy the machine is, they hold.
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
AGAIN = ["--reruns", "2", "--reruns-delay", "2"]
"""Where real programs talk in real time a neighbour on the same processors can spoil a test. Such a
test has two more tries, and the summary names and counts them."""


@dataclass(frozen=True)
class Group:
    name: str
    chosen: tuple[str, ...]
    nice: int = 0

    def command(self, argv: Sequence[str]) -> list[str]:
        shown = ["-q", "-rfER", "--durations=10"]
        run = [sys.executable, "-m", "pytest", *shown, *self.chosen, *argv]
        return ["nice", "-n", f"{self.nice}", *run]


STORIES = Group(
    "stories",
    ("tests/stack", "tests/console", "-m", "(stack or console) and not soak", *AGAIN),
)
BESIDE = (
    Group(
        "with servers of their own, beside those",
        (
            *("--ignore=tests/stack", "--ignore=tests/console"),
            *("-m", "(stack or speech) and not soak", *AGAIN),
        ),
        nice=10,
    ),
    Group(
        "without servers, beside those",
        ("-m", "not stack and not speech and not console"),
        nice=15,
    ),
)
NO_TESTS = 5
COUNTED = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|rerun|warnings?)\b")


def main(argv: list[str]) -> int:
    """Exit status 0 only if every group passed. Arguments go to pytest."""
    began = time.monotonic()
    keep_bytecode()
    worst = web()
    counts: Counter[str] = Counter()

    def ended(status: int, summary: str) -> None:
        nonlocal worst
        if status != NO_TESTS:
            worst = worst or status
        for count, what in COUNTED.findall(summary):
            counts[what.removesuffix("s") if what.startswith("error") else what] += int(count)

    with ThreadPoolExecutor(1) as lane:
        others = [(group, lane.submit(kept, group, argv)) for group in BESIDE]
        head(STORIES.name)
        ended(*run(STORIES, argv, sys.stdout))
        for group, other in others:
            head(group.name)
            status, last, said = other.result()
            sys.stdout.write(said)
            ended(status, last)
    words = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()) if n)
    line = f" {words or 'no tests ran'} in {time.monotonic() - began:.2f}s "
    sys.stdout.write(f"{line:=^80}\n")
    return worst


def head(name: str) -> None:
    sys.stdout.write(f"\n==> tests: {name}\n")
    sys.stdout.flush()


def kept(group: Group, argv: Sequence[str]) -> tuple[int, str, str]:
    """What `run` returns, and all that was said, for later."""
    output = StringIO()
    status, last = run(group, argv, output)
    return status, last, output.getvalue()


def run(group: Group, argv: Sequence[str], to: TextIO) -> tuple[int, str]:
    """Passes the output on as it comes; returns the exit status and pytest's last line. What it
    used of the processors, with all that it started, is said: minutes that only pass cost less
    than minutes that compute."""
    process = subprocess.Popen(
        group.command(argv),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
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
    to.write(f"{used.ru_utime + used.ru_stime:.0f} s of processor time\n")
    return process.returncode, last


def web(folder: Path = ROOT / "web") -> int:
    """The console's own tests. Without their tools they count as failed, not as passed."""
    head("web")
    if not (folder / "node_modules").exists():
        sys.stdout.write("web/node_modules is missing, so nothing ran: `make test` installs it\n")
        return 1
    return subprocess.run(["npm", "--prefix", str(folder), "test"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
