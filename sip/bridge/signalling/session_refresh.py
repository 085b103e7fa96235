"""A call's session timer while it is up (RFC 4028): each refresh agrees on it anew."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from aiosipua.message import SipResponse

from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.message import Headers, Request
from sip.bridge.signalling.session_timer import (
    MIN_SE,
    SessionTimer,
    as_client,
    as_server,
    minimum,
)
from sip.bridge.signalling.status import ALLOW, SUPPORTED

ANSWER_SECONDS = 20.0
MOST_TRIES = 4

Agreed = tuple[SessionTimer | None, list[tuple[str, str]]]
"""What a refresh of theirs asks for, and the headers of the 2xx that agrees."""


@dataclass(frozen=True)
class SessionState:
    """`refreshed` is a time of the loop's clock, which is the system's steady one."""

    timer: SessionTimer | None
    least: int
    peer_least: int
    refreshed: float


class SessionRefresh:
    """`said` gives our last description, which a refresh by INVITE repeats, and `answered` gets
    the 2xx with theirs; `least` is the shortest interval, in seconds, that is worth a refresh to
    us."""

    def __init__(
        self,
        dialog: Dialog,
        said: Callable[[], bytes],
        answered: Callable[[SipResponse], Awaitable[None]],
        *,
        least: int = MIN_SE,
    ) -> None:
        self.timer: SessionTimer | None = None
        self.least = least
        self._dialog = dialog
        self._said = said
        self._answered = answered
        self._peer_least = 0
        self._clock = asyncio.get_running_loop().time
        self._refreshed = self._clock()
        self._refreshing: asyncio.Task[bool] | None = None

    @property
    def state(self) -> SessionState:
        return SessionState(self.timer, self.least, self._peer_least, self._refreshed)

    def resume(self, state: SessionState) -> None:
        self.timer, self.least = state.timer, state.least
        self._peer_least, self._refreshed = state.peer_least, state.refreshed

    def asked(self, request: Request) -> Agreed:
        """Raises IntervalTooSmallError."""
        supports = request.understands(SUPPORTED)
        return as_server(request.header("session-expires"), supports, least=self.least)

    def agree(self, agreed: Agreed) -> None:
        """A refresh was accepted. Without an interval in it there is no timer any more."""
        self.timer, _ = agreed
        self._refreshed = self._clock()

    async def keep_alive(self) -> bool:
        """Refresh when it is our turn; False once the session has died of silence."""
        if self._refreshing is not None and self._refreshing.done():
            alive = self._refreshing.result()
            self._refreshing = None
            if not alive:
                return False
        timer = self.timer
        if timer is None:
            return True
        age = self._clock() - self._refreshed
        if not timer.we_refresh:
            return age <= timer.dead_after
        if age > timer.refresh_after and self._refreshing is None:
            self._refreshing = asyncio.create_task(self._refresh())
        return True

    def close(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()

    async def _refresh(self) -> bool:
        """A request that changes nothing; only a refusal that ends dialogs ends the call."""
        for _ in range(MOST_TRIES):
            timer = self.timer
            if timer is None:
                return True
            method = "UPDATE" if "UPDATE" in self._dialog.peer_allows else "INVITE"
            response = await self._ask(method, timer)
            if response is None or response.status_code in (408, 481):
                return False
            self._refreshed = self._clock()
            code = response.status_code
            if code < 300:
                self.timer = as_client(response.get_header("session-expires"))
                if method == "INVITE":
                    await self._answered(response)
                return True
            if code == 422 and self._longer(timer, response):
                continue
            if method == "UPDATE" and code in (405, 501):
                self._dialog.peer_allows -= {"UPDATE"}
                continue
            break
        return True

    async def _ask(self, method: str, timer: SessionTimer) -> SipResponse | None:
        headers = [
            ("Supported", SUPPORTED),
            ("Session-Expires", f"{timer.interval:.0f};refresher=uac"),
            ("Allow", ALLOW),
        ]
        if self._peer_least:
            headers.append(("Min-SE", str(self._peer_least)))
        body = b""
        if method == "INVITE":
            headers.append(("Content-Type", "application/sdp"))
            body = self._said()
        sent: Headers = headers
        return await self._dialog.send(method, headers=sent, body=body, patience=ANSWER_SECONDS)

    def _longer(self, timer: SessionTimer, refused: SipResponse) -> bool:
        least = minimum(refused.get_header("min-se"))
        if least <= timer.interval:
            return False
        self._peer_least = least
        self.timer = replace(timer, interval=least)
        return True
