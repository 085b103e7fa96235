"""What whoever has referred us hears of it: a NOTIFY for each step (RFC 3515 §2.4.4)."""

from __future__ import annotations

import structlog

from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.message import Request
from sip.bridge.signalling.status import reason

log = structlog.get_logger()

SIPFRAG = "message/sipfrag;version=2.0"
NOT_WANTED = "false"
"""Of `Refer-Sub` (RFC 4488): no NOTIFY, please."""


class Subscription:
    """The implicit one of a REFER. `first`: no REFER came before it in this dialog; a later one is
    told apart by its number (§2.4.6), which some telephones would not expect of the first."""

    def __init__(self, dialog: Dialog, refer: Request, *, first: bool, lasts: float) -> None:
        self._dialog = dialog
        self._event = "refer" if first else f"refer;id={refer.cseq}"
        self._lasts = int(lasts)
        self._over = (refer.header("refer-sub") or "").strip().lower().startswith(NOT_WANTED)
        self.headers = [("Refer-Sub", NOT_WANTED)] if self._over else []
        """For the 202 (RFC 4488 §4)."""

    async def tell(self, code: int, words: str = "") -> None:
        """It goes on."""
        await self._notify(f"active;expires={self._lasts}", code, words)

    async def end(self, code: int, words: str = "") -> None:
        """With the final status. Nothing is said after it."""
        await self._notify("terminated;reason=noresource", code, words)
        self._over = True

    async def _notify(self, state: str, code: int, words: str) -> None:
        if self._over:
            return
        headers = [
            ("Event", self._event),
            ("Subscription-State", state),
            ("Content-Type", SIPFRAG),
        ]
        body = f"SIP/2.0 {code} {words or reason(code)}\r\n".encode()
        response = await self._dialog.send("NOTIFY", headers=headers, body=body)
        if response is None or response.status_code >= 300:
            log.info("call.refer_not_listened_to", code=response.status_code if response else 408)
            self._over = True  # RFC 6665 §4.2.2: there is no such subscription at the other side
