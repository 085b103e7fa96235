"""JSON logs: an event's name and facts; a person's data only under `pii_`, and hashed there."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor

from dialplans.process.redact import hash_personal, last_processor


def set_up(*, show_personal: bool) -> None:
    """Ours and everybody else's log lines, one JSON document a line on standard output. Whatever
    else a line says, it names no telephone number."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # local variables in a traceback would put people's words and numbers into the log
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    ]
    hide: list[Processor] = [] if show_personal else [hash_personal]
    last: list[Any] = [] if show_personal else [last_processor]
    structlog.configure(
        processors=[*shared, *hide, structlog.processors.JSONRenderer(), *last],
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
                *last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.WARNING


def bind_call(call: str) -> Callable[[], None]:
    """Every line of this task names the call until the returned function is called."""
    tokens = structlog.contextvars.bind_contextvars(call=call)
    return lambda: structlog.contextvars.reset_contextvars(**tokens)
