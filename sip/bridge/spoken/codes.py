"""Codes of answers: when we give them, and what we do when we get them."""

from __future__ import annotations

SENT = {
    100: "an INVITE has come, with its `Timestamp`",
    180: "somebody is looked for; again every ten seconds, reliably where that is required",
    200: "yes",
    202: "a REFER is being carried out",
    400: "a header that has to be there is not, twice, or cannot be read; the words say which",
    401: "a wrong password; REGISTER: a password is wanted",
    403: "an address of another trunk, or a call that may not be taken over; REGISTER: no such "
    "telephone, or not its password",
    404: "no such number",
    405: "a method that is not spoken, with `Allow`",
    406: "an INVITE whose `Accept` takes no description, with ours",
    407: "a password is wanted",
    415: "a body, or its packing, that cannot be read, with `Accept` or `Accept-Encoding`",
    416: "an address that is no telephone's",
    420: "an extension that is required and not known, with `Unsupported`",
    422: "a session timer that is too short, with `Min-SE`",
    423: "REGISTER: for too short a time, with `Min-Expires`",
    469: "INFO: a package, with `Recv-Info: nil`",
    480: "no worker has taken the call",
    481: "a request of a call that is not there, or no more",
    482: "the same INVITE by a second way",
    486: "nobody has taken the call, or a limit of the plan",
    487: "the caller has hung up while it rang, or the INVITE's `Expires` is over",
    488: "a description that cannot be met, or encryption that is wanted, with `Warning`",
    489: "NOTIFY: another event than `refer`, with `Allow-Events`",
    491: "an offer of ours is under way",
    500: "a number (CSeq) out of order, or an offer too early, with `Retry-After`; a fault of ours",
    501: "the LiveKit server wants something of a call that the leg does not do",
    503: "too many calls, a full machine, the leg is stopped, the LiveKit server is away",
    504: "a 180 that nobody acknowledged",
    505: "another version of SIP",
    603: "the plan rejects the caller; REFER",
}
"""By code, when it is sent. A plan's `reject` may choose any other."""

RECEIVED = {
    "100, 18x": "it rings; a description in it is [heard](#a-call-of-ours-that-nobody-takes)",
    "2xx": "acknowledged, also each further telephone's, which is hung up",
    "300, 301, 302, 305": "followed within the trunk and `limits.dial_out`",
    "401, 407": "answered with the trunk's password, to each realm that asks, at most twice",
    "408, 481": "to a refresh: the call is over",
    "422": "asked again with the `Min-SE` of the answer",
    "423": "REGISTER: again with its `Min-Expires`",
    "491": "asked again after a time by chance, within a call (RFC 3261 §14.1)",
    "500, 503": "within a call, asked again after a `Retry-After` of up to ten seconds; 503 to a "
    "call of ours: the carrier's next address",
    "6xx": "no further place is tried",
    "anything else": "as x00 of its hundred; "
    "[why nobody took the call](#a-call-of-ours-that-nobody-takes) says it",
}
"""What is done about an answer to what we ask."""
