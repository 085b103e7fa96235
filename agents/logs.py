"""Logs of the workers: an event and its facts; a person's words and numbers never in clear."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from dialplans.process.redact import PERSONAL, hash_personal, hide_numbers, last_processor


class DropPersonal(logging.Filter):
    """LiveKit logs what callers say under `lk.pii.…` when it skips a turn; a PIN may be in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        for key in [key for key in record.__dict__ if key.startswith(PERSONAL)]:
            del record.__dict__[key]
        return True


def discreet_record(*made_of: Any, **more: Any) -> logging.LogRecord:
    """A line of a library, such as one that names a participant, whoever writes it out later."""
    record = logging.LogRecord(*made_of, **more)
    record.msg, record.args = hide_numbers(record.getMessage()), ()
    if record.exc_info:
        record.exc_text = hide_numbers(logging.Formatter().formatException(record.exc_info))
    return record


def set_up_logs(*, development: bool) -> None:
    """Runs in the worker and in every job. In development personal data stays readable."""
    if development:
        return
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hash_personal,
            structlog.processors.JSONRenderer(),
            last_processor,
        ],
        # Not stdout: that belongs to what a command prints.
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    logging.getLogger("livekit.agents").addFilter(DropPersonal())
    logging.setLogRecordFactory(discreet_record)
