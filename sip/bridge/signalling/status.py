"""Status codes the leg sends, with their words."""

from __future__ import annotations

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, NOTIFY, REFER, PRACK"
METHODS = tuple(ALLOW.split(", "))
SUPPORTED = "timer"
"""What we do as the side that asks."""
CALLING = "timer, 100rel"
"""The same where we call: ringing may be acknowledged."""
UNDERSTOOD = "timer, 100rel, replaces, norefersub"
"""What may be required of us as the side that answers."""
ACCEPT = "application/sdp"

REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    421: "Extension Required",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    469: "Bad INFO Package",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "Version Not Supported",
    513: "Message Too Large",
    600: "Busy Everywhere",
    603: "Decline",
}


def reason(code: int) -> str:
    return REASONS.get(code, "Refused" if code >= 400 else "OK")


def warning(host: str, why: object) -> tuple[str, str]:
    """A header that says what is not acceptable (RFC 3261 §20.43), without quotes of a stranger."""
    text = "".join(c for c in str(why) if " " <= c <= "~" and c not in '"\\')
    return "Warning", f'399 {host} "{text[:120]}"'
