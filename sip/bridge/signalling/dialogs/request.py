"""What every request within a dialog has (RFC 3261 §12.2.1.1)."""

from __future__ import annotations

from aiosipua.message import SipRequest

from sip.bridge.signalling.dialogs.ends import Ends
from sip.bridge.signalling.dialogs.route import Route
from sip.bridge.signalling.message import Headers


def within(ends: Ends, route: Route, via: str, cseq: str, headers: Headers = ()) -> SipRequest:
    """`cseq` is the header: number and method; `headers` are further ones."""
    made = SipRequest(method=cseq.partition(" ")[2], uri=route.uri)
    made.headers.append("Via", via)
    for value in route.headers:
        made.headers.append("Route", value)
    for name, value in (
        ("Max-Forwards", "70"),
        ("From", ends.local),
        ("To", ends.remote),
        ("Call-ID", ends.call_id),
        ("CSeq", cseq),
    ):
        made.headers.set_single(name, value)
    for name, value in headers:
        made.headers.append(name, value)
    return made
