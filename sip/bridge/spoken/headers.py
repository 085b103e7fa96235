"""What is made of each header that the leg knows; all others are let be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Header:
    name: str
    about: str


KNOWN = (
    Header(
        "Accept",
        "where it takes no description, 406; ours in a 200 to OPTIONS, 406, 415",
    ),
    Header("Accept-Encoding", "said in a 415"),
    Header("Allow", "of the other side: whether it takes UPDATE; ours in INVITE, 18x, 200 and 405"),
    Header("Allow-Events", "said in a 489"),
    Header("Authorization", "a login, MD5 and SHA-256, `qop=auth` or none; never on a record"),
    Header("Call-ID", "as all of RFC 3261 §8.1.1: once, or 400"),
    Header("Call-Info", "taken off a call whose number is withheld"),
    Header(
        "Contact", "one, in an INVITE; those of re-INVITE, UPDATE and their 200 renew the target"
    ),
    Header("Content-Disposition", "`handling`: what is required and not known is 415"),
    Header("Content-Encoding", "`identity`; else 415"),
    Header("Content-Length", "longer than the body 400; by TCP, where a message ends"),
    Header("Content-Type", "how the description is found, in `multipart/*` too"),
    Header("CSeq", "rises within a call, else 500"),
    Header("Date", "said in a 200 to REGISTER"),
    Header("Diversion", "how a call came here"),
    Header("Event", "`refer`, in NOTIFY; else 489"),
    Header("Expires", "in an INVITE how long it may ring, then 487; in REGISTER for how long"),
    Header("Flow-Timer", "of a registrar: how often the way is kept open"),
    Header("From", "who calls; without a tag as RFC 2543 had it"),
    Header("History-Info", "how a call came here"),
    Header("Identity", "taken off a call whose number is withheld"),
    Header("Identity-Info", "taken off a call whose number is withheld"),
    Header("Info-Package", "469, with `Recv-Info: nil`"),
    Header(
        "Max-Forwards", "70 in ours; that of others is not looked at: who has arrived needs none"
    ),
    Header("Min-Expires", "of a registrar, followed; ours in a 423"),
    Header(
        "Min-SE",
        "of a 422, followed and said again; ours, `SWITCHBOARD_SIP_MIN_SESSION_EXPIRES`, in a 422",
    ),
    Header("Organization", "taken off a call whose number is withheld"),
    Header("P-Asserted-Identity", "who calls, of a trunk that is `trusted`"),
    Header("P-Called-Party-ID", "which number was dialled"),
    Header("P-Charge-Info", "taken off a call whose number is withheld"),
    Header("P-Charging-Vector", "handed on where a trunk asks for it"),
    Header("P-Preferred-Identity", "whose a withheld number is, of a trunk that is `trusted`"),
    Header("P-Served-User", "taken off a call whose number is withheld"),
    Header("Path", "of REGISTER, gone back; of ours, asked for"),
    Header("Privacy", "whether a number is withheld"),
    Header("Proxy-Authenticate", "the same as WWW-Authenticate, by 407"),
    Header("Proxy-Authorization", "the same as Authorization, after 407"),
    Header("RAck", "of PRACK: what it acknowledges, else 481"),
    Header("Reason", "Q.850 of an answer and of a BYE: in the record, before the code"),
    Header("Record-Route", "given back; the way of all that follows, loose and strict routers"),
    Header("Recv-Info", "`nil`, in a 469"),
    Header("Refer-Sub", "`false`: no NOTIFY, and said back; of an answer to ours as well"),
    Header("Refer-To", "where our REFER sends the other side; of theirs, in the log"),
    Header(
        "Referred-By", "handed on by an attended transfer; taken off where a number is withheld"
    ),
    Header("Remote-Party-ID", "whether a number is withheld; whose, of a trunk that is `trusted`"),
    Header("Replaces", "in an INVITE; 400 if it names no dialog or several"),
    Header("Reply-To", "taken off a call whose number is withheld"),
    Header("Require", "what is not [known](#extensions) is 420"),
    Header("Retry-After", "of 500 and 503, followed; ours in a 500"),
    Header("Route", "of ours, from Record-Route, Service-Route and Path"),
    Header("RSeq", "of our 180 where `100rel` is required"),
    Header("Service-Route", "of a registrar: the way of our calls"),
    Header(
        "Session-Expires",
        "both refreshers; ours is an UPDATE where the phone takes one, else an INVITE; 422 below "
        "our least; gone when a refresh does not agree on it again; that of a proxy is made longer",
    ),
    Header("Subject", "taken off a call whose number is withheld"),
    Header("Subscription-State", "of NOTIFY about a transfer, both ways"),
    Header("Supported", "of theirs `timer` and `path`; ours in INVITE, 18x, 200"),
    Header("Timestamp", "given back in the 100, with how long we took"),
    Header("To", "which number was dialled, where the Request-URI is an account's"),
    Header("Unsupported", "said in a 420"),
    Header("User-Agent", "ours in every request; that of a telephone stands in `status`"),
    Header("Via", "`received` and `rport`; a branch without `z9hG4bK` as RFC 2543 had it"),
    Header("Warning", "ours says why a description was not met"),
    Header("WWW-Authenticate", "answered for every realm that asks; ours at REGISTER"),
)
UNKNOWN = (
    "Accept-Contact",
    "Accept-Language",
    "Alert-Info",
    "Answer-Mode",
    "Error-Info",
    "Feature-Caps",
    "Geolocation",
    "In-Reply-To",
    "Join",
    "MIME-Version",
    "P-Access-Network-Info",
    "P-Early-Media",
    "Priority",
    "Proxy-Require",
    "Reject-Contact",
    "Request-Disposition",
    "Resource-Priority",
    "Security-Client",
    "Server",
    "SIP-ETag",
    "Target-Dialog",
    "User-to-User",
)
"""Of those that are often met, the ones that nothing here looks at."""
