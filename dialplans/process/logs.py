"""How every program of ours writes its log: an event and its facts, a line each.

What a person said or is goes under `pii_` and is hashed; no line names a telephone number. What a
program does with the lines of its libraries is its own.
"""

from __future__ import annotations

import logging
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from dialplans.process.redact import hash_personal, last_processor

WITH_EVERY_LINE: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
AS_JSON = structlog.processors.JSONRenderer()
AS_WORDS = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])


def set_up(
    to: TextIO,
    *,
    render: Processor = AS_JSON,
    exceptions: Processor = structlog.processors.format_exc_info,
    show_personal: bool = False,
) -> None:
    """From `info` on. `exceptions` says how much of a traceback is shown."""
    hide: list[Processor] = [] if show_personal else [hash_personal]
    last: list[Any] = [] if show_personal else [last_processor]
    structlog.configure(
        processors=[*WITH_EVERY_LINE, exceptions, *hide, render, *last],
        logger_factory=structlog.PrintLoggerFactory(to),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
