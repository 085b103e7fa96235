"""`python -m tests.run`: every test, in groups that do not disturb each other, one summary.

Tests with servers mostly wait for time, so that two run at once. Those without servers use what
processors that leaves, and give way to them. They have no second try: however busy the machine is,
they hold.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import IO

from tests.programs import keep_bytecode

ROOT = Path(__file__).resolve().parents[1]
AGAIN = ["--reruns", "2", "--reruns-delay", "2"]
"""Where real programs talk in real time a neighbour on the same processors can spoil a test. Such a
test has two more tries, and the summary names and counts them."""
WITHOUT_SERVERS = ["-m", "not stack and not speech and not console"]
TWO_AT_A_TIME = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
"""A file stays with one of the two, which starts the whole system once, if ever. The longest first:
see `pytest_collection_modifyitems`."""
WITH_SERVERS = ["-m", "(stack or speech or console) and not soak", *TWO_AT_A_TIME, *AGAIN]
GIVES_WAY = ["nice", "-n", "15"]
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

    with tempfile.TemporaryFile("w+") as said:
        command = [*GIVES_WAY, *pytest([*WITHOUT_SERVERS, *argv])]
        with subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said) as beside:
            ended(*run("with servers", pytest([*WITH_SERVERS, *argv])))
            head("without servers, beside those")
            spent = Spent()
            status = beside.wait()
        said.seek(0)
        ended(status, shown(said))
        spent.show()
    words = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()) if n)
    line = f" {words or 'no tests ran'} in {time.monotonic() - began:.2f}s "
    sys.stdout.write(f"{line:=^80}\n")
    return worst


class Spent:
    """What a process and all that it started have used of the processors, once it was waited for:
    minutes that only pass cost less than minutes that compute."""

    def __init__(self) -> None:
        self._before = _of_children()

    def show(self) -> None:
        used = _of_children() - self._before
        sys.stdout.write(f"{used:.0f} s of processor time\n")


def _of_children() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def head(name: str) -> None:
    sys.stdout.write(f"\n==> tests: {name}\n")
    sys.stdout.flush()


def pytest(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-rfER", "--durations=15", *arguments]


def run(name: str, command: list[str]) -> tuple[int, str]:
    """Shows the output as it comes; returns the exit status and pytest's last line."""
    head(name)
    spent = Spent()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        last = shown(process.stdout)
    spent.show()
    return process.returncode, last


def shown(output: IO[str]) -> str:
    """Writes it all; pytest's last line."""
    last = ""
    for line in output:
        sys.stdout.write(line)
        sys.stdout.flush()
        if COUNTED.search(line):
            last = line
    return last


def web(folder: Path = ROOT / "web") -> int:
    """The console's own tests. Without their tools they count as failed, not as passed."""
    head("web")
    if not (folder / "node_modules").exists():
        sys.stdout.write("web/node_modules is missing, so nothing ran: `make test` installs it\n")
        return 1
    return subprocess.run(["npm", "--prefix", str(folder), "test"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
