"""Telephone numbers stay out of logs, whoever writes the line and wherever in it they are: in an
address, an identity, a Call-ID, the text of an error.

Their last two digits are left, so that two callers in one log can be told apart.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from collections.abc import MutableMapping
from typing import Any

PERSONAL = ("pii_", "lk.pii.")
"""Keys under which we, and LiveKit, log what a person said or is."""

_SALT = secrets.token_bytes(16)
"""New in each process: a PIN has ten thousand values, and without it all could be tried."""

_NUMBER = re.compile(
    r"""
      (?<![A-Za-z0-9.])(?<!call-_)\+\d(?:[\s().\-/]{0,2}\d){6,14}  # +44 (0)7700 900-123
    | (?<![A-Za-z])(?:sips?:|tel:|sip_)\+?\d(?:[()\-]?\d){4,}  # an address, LiveKit's identities
    | (?<![\w.:])\(?0\d(?:[\s()\-/]{0,2}\d){6,13}(?![\w:]|\.\d)  # 07700 900123
    | (?<![\w.:])(?<!call-)(?<!side-)\d{9,15}(?![\w:]|\.\d)      # 447700900123, as in a Call-ID
    """,
    re.VERBOSE,
)


def hide_numbers(text: str) -> str:
    """`+447700900123` → `***23`. Times, addresses of machines and ids of calls stay as they are;
    the number in a call's id is the one that was dialled, which is ours."""
    return _NUMBER.sub(lambda found: f"{_kind(found[0])}***{found[0][-2:]}", text)


def _kind(found: str) -> str:
    return next((k for k in ("sips:", "sip:", "tel:", "sip_") if found.startswith(k)), "")


def hash_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For structlog: the same person stays the same in one log, but nobody learns who it is."""
    for key, value in event.items():
        if key.startswith(PERSONAL):
            digest = hashlib.blake2s(str(value).encode(), key=_SALT, digest_size=6)
            event[key] = digest.hexdigest()
    return event


def last_processor(_logger: Any, _method: str, rendered: Any) -> str:
    """For structlog, after the line was rendered: then nothing is left to be written by others."""
    return hide_numbers(rendered)


class DiscreetFormatter(logging.Formatter):
    """For lines of libraries, with their exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        return hide_numbers(super().format(record))
