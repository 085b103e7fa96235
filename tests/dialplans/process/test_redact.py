"""No line of a log names a telephone number, wherever in it the number is."""

from __future__ import annotations

import io
import logging
import subprocess
import sys

import pytest

from dialplans.process.redact import DiscreetFormatter, hide_numbers

NUMBERED = [
    "caller +447700900123 came", "+44 (0)7700 900-123", "From: <sip:+447700900123@192.0.2.1:5060>",
    'participant "sip_447700900123" left', "identity=sip_+447700900123",
    "tel:+44-7700-900123;ext=9",
    "07700 900123 is busy.", "(07700) 900-123", "0049 170 1234523", '"caller":"+447700900123"',
    "447700900123-77@host", "Call-ID: ab-447700900123@192.0.2.1", "ValueError('+447700900123')",
    "+49/170/1234523", "sips:07700900123@x", "no trunk for 00447700900123",
]  # fmt: skip


@pytest.mark.parametrize("line", NUMBERED)
def test_a_number_is_hidden_in_every_spelling(line: str) -> None:
    """All but its last two digits."""
    hidden = hide_numbers(line)

    assert "***23" in hidden
    assert sum(c.isdigit() for c in hidden) < sum(c.isdigit() for c in line)
    assert not any(part in hidden for part in ("7700", "900123", "1234523", "170"))
    assert hide_numbers(hidden) == hidden


@pytest.mark.parametrize(
    "line",
    ["2026-11-28T21:25:30.123456Z up", "20261128T212530Z-call-442079460200-ab12.ogg", "pid 12345",
     "timestamp='2026-11-28T22:19:31.613468Z' sip='127.0.0.1:35037'", "sip:127.0.0.1:5060",
     "1795514711.25 s", "0.000123456", "10.20.30.40:20000-20999", "SCL_Zfv8jJdE4kwE",
     "call=call-442079460200-x1 side-call-442079460200-x1",
     "call-_+442079460100_q4kjvqmTnPpx", '"room": "side-call-_+4930239460_Ab12"',
     "12345:M 28 Nov 2026 21:25:30.123 * Ready",
     "item_4711ab4711ab", "seq 1795514711250000000", "code=404 port=65535"],
)  # fmt: skip
def test_times_addresses_and_ids_stay(line: str) -> None:
    assert hide_numbers(line) == line


def test_lines_of_libraries_are_hidden_with_their_exceptions() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(DiscreetFormatter("%(levelname)s %(message)s"))
    logger = logging.Logger("library")
    logger.addHandler(handler)
    try:
        raise ValueError("no such number: +447700900123")
    except ValueError:
        logger.exception("joined as %s", "sip_447700900123")

    assert "sip_***23" in out.getvalue()
    assert "7700" not in out.getvalue()


SET_UP = {
    "agents": "from agents.logs import set_up_logs as s; s(development=False)",
    "gateway": "from gateway.logs import set_up as s; s(show_personal=False)",
}
LINE = """
import logging, structlog
log = structlog.get_logger("x")
try:
    raise RuntimeError("sip:+447700900123@x is not there")
except RuntimeError as error:
    log.error("it.failed", error=repr(error), exc_info=error, pii_words="4711")
    log.info("it.was", text="07700 900123")
    logging.getLogger("some.library").error("identity %s", "sip_447700900123")
"""


@pytest.mark.parametrize("process", SET_UP)
def test_no_process_logs_a_number(process: str) -> None:
    """Neither in a field nor in an exception; what is personal is a mark that cannot be tried."""
    said = [
        subprocess.run(
            [sys.executable, "-c", SET_UP[process] + LINE],
            capture_output=True,
            text=True,
            check=True,
        )
        for _ in range(2)
    ]
    lines = [one.stdout + one.stderr for one in said]

    assert "it.failed" in lines[0]
    assert not any(part in lines[0] for part in ("7700", "900123"))
    marks = [line.partition('pii_words": "')[2][:12] for line in lines]
    assert marks[0] != marks[1]
    assert "4711" not in marks
