"""A parent whose children do little: `python -m tests.sip.bridge.processes.some_parent WHAT`.

Each child says its name and process id. WHAT is what the first does then: it waits (`waits`),
cannot do its work here (`cannot`), fails at once (`fails`) or at the first attempt (`once`)."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from sip.bridge.processes.lifeline import NOT_STARTED
from sip.bridge.processes.parent import Child, Parent


def main() -> int:
    what = sys.argv[1]
    before = Path(sys.argv[2])

    def say(name: str) -> None:
        print(name, os.getpid(), flush=True)

    def first() -> int:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
        say("first")
        if what == "cannot":
            return NOT_STARTED
        if what == "fails" or (what == "once" and not before.exists()):
            before.touch()
            raise RuntimeError("no luck")
        time.sleep(60)
        return 4

    def second() -> int:
        say("second")
        time.sleep(60)
        return 5

    return Parent(lambda lifeline: [Child("first", first), Child("second", second)]).run()


if __name__ == "__main__":
    sys.exit(main())
