"""What a phone says of a transfer that we asked it for (RFC 3515 §2.4.4, RFC 6665 §4.1.3)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from sip.bridge.signalling.message import Request
from sip.bridge.signalling.server_transaction import ServerTransaction

_STATUS = re.compile(r"\s*SIP/\d\.\d[ \t]+([1-6][0-9]{2})\b[ \t]*([^\r\n]*)", re.IGNORECASE)
_PACKAGE = "refer"

_WHY_OVER = {
    "timeout": "its time for reporting ran out",
    "rejected": "its user declined",
    "giveup": "nobody there decided about it in time",
    "deactivated": "it stopped reporting",
    "probation": "it stopped reporting for now",
    "noresource": "it has nothing more to report",
    "invariant": "it has nothing more to report",
}
"""By the reason of `Subscription-State: terminated` (RFC 6665 §4.1.3)."""


@dataclass(frozen=True)
class Report:
    """One NOTIFY. `code` is 0 where it holds no status; `over` is whether it is the last one, and
    `reason` why that is."""

    code: int = 0
    words: str = ""
    over: bool = False
    reason: str = ""

    @classmethod
    def of(cls, request: Request) -> Report:
        """The status line is read whatever the body is said to be: telephones name it in many ways,
        end its line in many ways, and some leave the name out."""
        found = _STATUS.match(request.text)
        code, words = (int(found[1]), found[2].strip()) if found is not None else (0, "")
        state, *parameters = (request.header("subscription-state") or "").split(";")
        given = {
            name.strip().lower(): value.strip().strip('"').lower()
            for name, _, value in (one.partition("=") for one in parameters)
        }
        over = state.strip().lower() == "terminated"
        return cls(code, words, over, given.get("reason", ""))

    @property
    def final(self) -> bool:
        return self.code >= 200

    @property
    def said(self) -> str:
        return f"{self.code} {self.words}".strip() if self.code else "nothing that can be read"


@dataclass(frozen=True)
class Outcome:
    """`code` is the status that the phone's new call came to, 0 where it did not say. `why` is a
    clause for people, of what did not go well or is not known."""

    code: int = 0
    why: str = ""

    @property
    def went_well(self) -> bool:
        return 200 <= self.code < 300

    @property
    def known(self) -> bool:
        return self.code > 0


class Reports:
    """All that one REFER brings. `outcome` is there once nothing more is to come."""

    def __init__(self) -> None:
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._last: Report | None = None

    def take(self, transaction: ServerTransaction) -> None:
        """Answers the NOTIFY."""
        request = transaction.request
        if (request.header("event") or "").partition(";")[0].strip().lower() != _PACKAGE:
            transaction.respond(489, headers=[("Allow-Events", _PACKAGE)])
            return
        transaction.respond(200)
        report = Report.of(request)
        if report.code or self._last is None:
            self._last = report
        if report.final:
            why = "" if 200 <= report.code < 300 else f"its new call came to {report.said}"
            self._settle(Outcome(report.code, why))
        elif report.over:
            because = _WHY_OVER.get(report.reason, report.reason or "without a reason")
            self._settle(
                Outcome(why=f"the phone ended its report after {self._heard()}: {because}")
            )

    def none_to_come(self) -> None:
        """It accepts, and reports nothing (RFC 4488 §4): that is all that is ever known."""
        self._settle(Outcome(202, "the phone accepted it and does not report how it went"))

    def over(self, *, hung_up: bool) -> Outcome:
        """The call ended before the phone said how it went; `hung_up`: by the phone."""
        ended = "the phone hung up" if hung_up else "the call ended"
        after = f" after the phone had said {self._heard()}" if self._last is not None else ""
        return Outcome(why=f"{ended}{after}, and nothing was said of how the transfer went")

    def too_late(self, seconds: float) -> Outcome:
        if self._last is None:
            return Outcome(
                why=f"the phone accepted it and then said nothing of it for {seconds:g} s"
            )
        return Outcome(
            why=f"the phone said {self._heard()}, and not how it went within {seconds:g} s"
        )

    def _heard(self) -> str:
        return self._last.said if self._last is not None else "nothing"

    def _settle(self, outcome: Outcome) -> None:
        """The first counts."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)


def refused(code: int | None, words: str) -> str:
    """Why there is no transfer: the REFER itself was not accepted. None is no answer at all."""
    said = f"{code} {words}".strip()
    if code is None:
        return "the phone did not answer the REFER"
    if code in (401, 407):
        return f"the phone wants a password for it that the trunk does not have ({said})"
    if code in (405, 501):
        return f"the phone cannot be transferred: it does not know REFER ({said})"
    if code == 481:
        return f"the phone has no such call any more ({said})"
    return f"the phone refuses to be transferred ({said})"
