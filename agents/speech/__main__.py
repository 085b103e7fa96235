"""`python -m agents.speech`: loads the models, then serves the calls of this host."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # before numpy is loaded: two threads for one sentence are slower than one
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")

    from agents.speech.server.process import main

    sys.exit(main())
