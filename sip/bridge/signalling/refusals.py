"""What is refused whatever it is about, in the order that RFC 3261 §8.2 looks at a request."""

from __future__ import annotations

from dataclasses import dataclass

from sip.bridge.signalling.message import Headers, Request
from sip.bridge.signalling.reading.values import read_address
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import ACCEPT, ALLOW, DESCRIPTION, METHODS, UNDERSTOOD, reason

EXTENSIONS = frozenset(UNDERSTOOD.split(", "))


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
    if request.method == "INVITE" and not _takes_a_description(request):
        return Refusal(406, [("Accept", ACCEPT)])
    unknown = request.tokens("require") - EXTENSIONS
    if unknown and request.method != "CANCEL":
        return Refusal(420, [("Unsupported", ", ".join(sorted(unknown)))])
    return None


def _takes_a_description(request: Request) -> bool:
    """Whoever names other bodies alone could not read ours (RFC 3261 §21.4.7)."""
    named = [each.partition(";")[0].strip().lower() for each in request.headers("accept")]
    return not any(named) or not {DESCRIPTION, "application/*", "*/*"}.isdisjoint(named)


def has_contact(request: Request) -> bool:
    """Where to send what follows (RFC 3261 §8.1.1.8). `*` is for REGISTER alone."""
    contacts = request.headers("contact")
    if len(contacts) != 1:
        return False
    bracketed = contacts[0].partition("<")[2] or contacts[0]
    known = bracketed.strip().lower().startswith(("sip:", "sips:"))
    return known and bool(read_address(contacts[0]).uri.host)
