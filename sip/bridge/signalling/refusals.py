"""What is refused whatever it is about, in the order that RFC 3261 §8.2 looks at a request."""

from __future__ import annotations

from dataclasses import dataclass

from aiosipua.headers import parse_address

from sip.bridge.signalling.message import Headers, Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import ACCEPT, ALLOW, METHODS, UNDERSTOOD, reason

EXTENSIONS = frozenset(UNDERSTOOD.split(", "))
WITH_DESCRIPTION = ("INVITE", "UPDATE", "PRACK")
"""Methods whose body is a description of media; another's is its own business."""

IDENTITY = ("", "identity")


@dataclass(frozen=True)
class Refusal:
    code: int
    headers: Headers = ()
    detail: str = ""

    @property
    def words(self) -> str:
        return f"{reason(self.code)} ({self.detail})" if self.detail else ""

    def answer(self, transaction: ServerTransaction) -> None:
        transaction.respond(self.code, self.words, headers=self.headers)


def refusal(
    request: Request, *, secure: bool = False, opens: bool = False, allow: str = ALLOW
) -> Refusal | None:
    """`secure` is whether it came by TLS; `opens` whether it would begin a call.

    A Max-Forwards of 0 is nothing to us: it has arrived (RFC 3261 §16.3 is for proxies).
    """
    if request.method not in METHODS:
        return Refusal(405, [("Allow", allow)])
    scheme = request.uri.partition(":")[0].lower()
    if scheme not in ("sip", "tel", "sips" if secure else "sip"):
        return Refusal(416)
    if opens and not has_contact(request):
        return Refusal(400, detail="one Contact with a SIP URI is needed")
    unknown = request.tokens("require") - EXTENSIONS
    if unknown and request.method != "CANCEL":
        return Refusal(420, [("Unsupported", ", ".join(sorted(unknown)))])
    return foreign_body(request) if request.method in WITH_DESCRIPTION else None


def has_contact(request: Request) -> bool:
    """Where to send what follows (RFC 3261 §8.1.1.8). `*` is for REGISTER alone."""
    contacts = request.headers("contact")
    if len(contacts) != 1:
        return False
    bracketed = contacts[0].partition("<")[2] or contacts[0]
    known = bracketed.strip().lower().startswith(("sip:", "sips:"))
    return known and bool(parse_address(contacts[0]).uri.host)


def foreign_body(request: Request) -> Refusal | None:
    """A body has to be understood unless it says that it need not be (RFC 3261 §20.11). Parts of
    several are looked at by whoever reads them."""
    if not request.body or _handling(request) == "optional":
        return None
    coding = (request.header("content-encoding") or "").strip().lower()
    if coding not in IDENTITY:
        return Refusal(415, [("Accept-Encoding", "identity")])
    kind = media_type(request.header("content-type"))
    if kind and kind != ACCEPT and not kind.startswith("multipart/"):
        return Refusal(415, [("Accept", ACCEPT)])
    return None


def media_type(value: str | None) -> str:
    """`Application/SDP ; charset=utf-8` as `application/sdp`."""
    return "".join((value or "").partition(";")[0].split()).lower()


def _handling(request: Request) -> str:
    _, _, rest = (request.header("content-disposition") or "").partition(";")
    for parameter in rest.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "handling":
            return value.strip().strip('"').lower()
    return "required"
