"""What a request is answered with, by its method (RFC 3261 §8.2.1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """`inside` and `outside` are the codes of a plain request (no body, nothing required) in a call
    that is up and in none; 0 for what is never answered, or for what begins a call."""

    name: str
    inside: int
    outside: int
    in_a_call: str
    in_none: str = ""


METHODS = (
    Method(
        "INVITE",
        200,
        0,
        "a new offer, or ours where it brings none; 488 or 415 for one that cannot be met; 491 and "
        "500 with Retry-After where two would meet",
        "a call; with `Replaces` [another's place](#another-telephone-takes-over)",
    ),
    Method(
        "ACK",
        0,
        0,
        "never answered; also late, and by another way; one without the answer that we wait for "
        "ends the call",
        "never answered",
    ),
    Method(
        "BYE",
        200,
        481,
        "while it rings too (and 487 to the INVITE); ours waits for the ACK of our 200",
    ),
    Method(
        "CANCEL",
        481,
        481,
        "200 while it rings, and 487 to the INVITE; ours waits for something provisional",
    ),
    Method(
        "UPDATE",
        200,
        481,
        "as a re-INVITE; without an offer it renews target and session timer; 500 with Retry-After "
        "while the offer of the INVITE is not answered",
    ),
    Method("PRACK", 481, 481, "200 where `Require: 100rel` made our 180 a reliable one"),
    Method(
        "INFO",
        200,
        481,
        "keys: `application/dtmf-relay`, `application/dtmf` (`10` is `*`, `11` is `#`); 469 for an "
        "Info-Package, 415 for another body, 400 for one without a key",
    ),
    Method(
        "REFER",
        603,
        403,
        "202 where the line has [`transfers`](#a-telephone-transfers-its-call): then 404 for a "
        "place that the plan does not name, 403 from elsewhere or to somebody else's address, 491 "
        "while one is carried out, 400 for none or several `Refer-To`, 416 for another scheme than "
        "`sip:` and `tel:`, 501 for another method than INVITE",
    ),
    Method(
        "NOTIFY",
        481,
        481,
        "200 for what became of our REFER, 489 for another event while we wait for that",
    ),
    Method(
        "OPTIONS",
        200,
        200,
        "`Allow`, `Accept` and `Supported`",
        "from a trunk what a call would meet, 404 and 503 as well",
    ),
    Method(
        "REGISTER",
        405,
        405,
        "",
        "of [our telephones](#telephones-that-register-with-us): 200, 401, 403, 420, 423",
    ),
    Method("SUBSCRIBE", 405, 405, ""),
    Method("PUBLISH", 405, 405, ""),
    Method("MESSAGE", 405, 405, ""),
    Method("any other", 405, 405, "", "with `Allow`"),
)
