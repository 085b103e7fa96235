"""Ringing that has to be acknowledged, as the caller hears it (RFC 3262 §4)."""

from __future__ import annotations

from aiosipua.message import SipResponse

from sip.bridge.signalling.dialogs.reliable_provisional import OPTION
from sip.bridge.signalling.message import option_tags
from sip.bridge.signalling.reading.parse import is_number


class ReliablyHeard:
    """Those of one dialog, each once and in their order: one that is missing comes again."""

    def __init__(self, invite: int) -> None:
        """`invite` is the number of its CSeq."""
        self._invite = invite
        self._last = 0

    def rack(self, response: SipResponse) -> str | None:
        """What RAck has to say of an answer, which is news then. Empty for one that wants no
        acknowledgement; None for one that was heard before, or comes too early."""
        if OPTION not in option_tags(response, "require"):
            return ""
        number = (response.get_header("rseq") or "").strip()
        if not is_number(number) or not int(number):
            return ""
        if self._last and int(number) != self._last + 1:
            return None
        self._last = int(number)
        return f"{number} {self._invite} INVITE"
