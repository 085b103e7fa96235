"""Logs of the leg: an event and its facts on standard error, and no telephone number in clear."""

from __future__ import annotations

import logging
import sys

from dialplans.process import logs
from dialplans.process.redact import DiscreetFormatter


def set_up_logs() -> None:
    """Our own lines, and those of libraries."""
    to_stderr = logging.StreamHandler()
    to_stderr.setFormatter(DiscreetFormatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[to_stderr])
    logging.getLogger("aiosipua").setLevel(logging.ERROR)  # a line for each odd message of anybody
    logs.set_up(sys.stderr, render=logs.AS_WORDS)
