"""Logs of the workers: an event and its facts; a person's words and numbers never in clear."""

from __future__ import annotations

import logging
import sys
from typing import Any

from dialplans.process import logs
from dialplans.process.redact import PERSONAL, hide_numbers


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
    logs.set_up(sys.stderr)  # not stdout: that belongs to what a command prints
    logging.getLogger("livekit.agents").addFilter(DropPersonal())
    logging.setLogRecordFactory(discreet_record)
