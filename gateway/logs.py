"""JSON logs: ours and everybody else's lines, one document a line on standard output."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from dialplans.process import logs
from dialplans.process.redact import last_processor

# Local variables in a traceback would put people's words and numbers into the log.
EXCEPTIONS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))


def set_up(*, show_personal: bool) -> None:
    """Whatever else a line says, it names no telephone number."""
    logs.set_up(sys.stdout, exceptions=EXCEPTIONS, show_personal=show_personal)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*logs.WITH_EVERY_LINE, EXCEPTIONS],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                logs.AS_JSON,
                *([] if show_personal else [last_processor]),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.WARNING
