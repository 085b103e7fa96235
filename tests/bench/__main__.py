"""`python -m tests.bench [NAME…]`: every measurement, one after the other, never two at once.

A measurement is a module of this folder that can be run; it prints its own table, and says what
the figures must be. One that fails does not keep the others from being taken.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
RUNNABLE = '__name__ == "__main__"'


def main(wanted: list[str]) -> int:
    names = [
        file.stem
        for file in sorted(FOLDER.glob("*.py"))
        if not file.stem.startswith("_")
        and file.stem != "stock_worker"
        and RUNNABLE in file.read_text("utf-8")
        and (not wanted or file.stem in wanted)
    ]
    print(f"{processor()}, {platform.python_implementation()} {platform.python_version()}")
    failed = []
    for name in names:
        print(f"\n==> {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False)
        if done.returncode != 0:
            failed.append(name)
    print(f"\n{len(names) - len(failed)} of {len(names)} measurements within their bounds")
    for name in failed:
        print(f"  not: {name}")
    return 1 if failed else 0


def processor() -> str:
    """The model and how many of it: a figure without them says nothing."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} × {models[0]}" if models else platform.machine()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
