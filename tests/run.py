"""`python -m tests.run`: every test, in groups that do not disturb each other, one summary.

Tests without servers share the processors; tests that run the whole system have the machine to
themselves, because what they wait for is time.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AGAIN = ["--reruns", "2", "--reruns-delay", "2"]
"""Where real programs talk in real time a neighbour on the same processors can spoil a test. Such a
test has two more tries, one without servers has one; the summary names and counts them."""
ONCE_MORE = ["--reruns", "1"]
GROUPS = {
    "pure": ["-n", "2", "-m", "not stack and not speech and not console", *ONCE_MORE],
    "speech": ["-m", "speech and not stack and not console", *AGAIN],
    "stack": ["-m", "stack and not console and not soak", *AGAIN],
    "console": ["-m", "console and not soak", *AGAIN],
}
NO_TESTS = 5
COUNTED = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|rerun|warnings?)\b")


def main(argv: list[str]) -> int:
    """Exit status 0 only if every group passed. Arguments go to pytest."""
    began = time.monotonic()
    counts: Counter[str] = Counter()
    worst = web()
    for name, chosen in GROUPS.items():
        sys.stdout.write(f"\n==> tests: {name}\n")
        sys.stdout.flush()
        status, summary = pytest([*chosen, *argv])
        if status != NO_TESTS:
            worst = worst or status
        for count, what in COUNTED.findall(summary):
            counts[what.removesuffix("s") if what.startswith("error") else what] += int(count)
    words = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()) if n)
    line = f" {words or 'no tests ran'} in {time.monotonic() - began:.2f}s "
    sys.stdout.write(f"{line:=^80}\n")
    return worst


def pytest(arguments: list[str]) -> tuple[int, str]:
    """Shows the output as it comes; returns the exit status and pytest's last line."""
    command = [sys.executable, "-m", "pytest", "-q", "-rfER", "--durations=5", *arguments]
    last = ""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if COUNTED.search(line):
                last = line
    return process.returncode, last


def web() -> int:
    """The console's own tests, when its tools are there."""
    folder = ROOT / "web"
    if not (folder / "node_modules").exists():
        return 0
    sys.stdout.write("\n==> tests: web\n")
    sys.stdout.flush()
    return subprocess.run(["npm", "--prefix", str(folder), "test"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
