"""`python -m sip.bridge`: the SIP leg, set up by its environment."""

from __future__ import annotations

import os
import sys

from pydantic import ValidationError

from sip.bridge.runtime.logs import set_up_logs
from sip.bridge.runtime.settings import Settings


def main() -> int:
    set_up_logs()
    try:
        settings = Settings.model_validate({})
    except ValidationError as error:
        for problem in error.errors():
            place = ".".join(map(str, problem["loc"]))
            print(
                f"{place}: {problem['msg']}" if place else problem["ctx"]["error"], file=sys.stderr
            )
        return 2
    # Before numpy is loaded: its threads would not live on in a forked process.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    from sip.bridge.processes.parent import run_leg

    return run_leg(settings)


if __name__ == "__main__":
    sys.exit(main())
