"""Answers that nothing is kept of: a request that comes again gets the same one anew."""

from __future__ import annotations

import hashlib

import structlog
from aiosipua.message import SipRequest

from sip.bridge.signalling.amplification import fitted
from sip.bridge.signalling.message import Headers, reply_port, response
from sip.bridge.signalling.reading.parse import BadMessageError
from sip.bridge.signalling.reading.values import read_via
from sip.bridge.signalling.status import reason
from sip.bridge.transport.flow import Flow

log = structlog.get_logger()


def answer(raw: SipRequest, flow: Flow, code: int, words: str = "", headers: Headers = ()) -> None:
    """With the same To tag each time (RFC 3261 §8.2.7)."""
    made = response(raw, code, words or reason(code), to_tag=constant_tag(raw))
    for name, value in headers:
        made.headers.append(name, value)
    flow.send(
        fitted(made, flow),
        (flow.peer[0], reply_port(read_via(raw.headers.get("via")[0]), flow.peer)),
    )


def answer_bad(bad: BadMessageError, flow: Flow) -> None:
    log.debug("sip.malformed", source=flow.peer[0], reason=bad.reason)
    raw = bad.raw
    if raw is None or not bad.code or raw.method == "ACK" or not raw.headers.get("via"):
        return
    answer(raw, flow, bad.code, f"{reason(bad.code)} ({bad.reason})")


def constant_tag(raw: SipRequest) -> str:
    """The same for each repetition, another for each request."""
    named = "/".join(raw.get_header(name) or "" for name in ("call-id", "from", "cseq"))
    return hashlib.blake2s(named.encode(), digest_size=6).hexdigest()
