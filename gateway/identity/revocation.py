"""What is open on somebody's credential, a stream or a download, ends when the credential does.

The table of sessions is the truth, and it is asked again and again: so it makes no difference who
ended a session or how, at this gateway, at another one, from the command line, or the clock.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.identity.principal import Principal
from gateway.identity.sessions import Sessions

log = structlog.get_logger(__name__)

EVERY_S = 0.5
"""With `sessions.BELIEVED_S`, in which a request may still be let in: well under two seconds."""


class RevokedError(Exception):
    """Whoever was being answered may not have the rest; the connection is cut, so that what came
    so far is not taken for the whole."""


class Held:
    """Something open; `ended` once it should not be."""

    def __init__(self, me: Principal, end: Callable[[], None]) -> None:
        self.me = me
        self.ended = False
        self._end = end

    def finish(self) -> None:
        self.ended = True
        self._end()


class Revocation:
    """Every gateway watches over what is open at itself."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._held: set[Held] = set()

    @contextlib.contextmanager
    def holding(self, me: Principal, end: Callable[[], None] = lambda: None) -> Iterator[Held]:
        """`end` is called once, in the loop, when this person may not go on as they began."""
        held = Held(me, end)
        self._held.add(held)
        try:
            yield held
        finally:
            self._held.discard(held)

    async def guarded(self, me: Principal, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks, for as long as whoever asked may have them; then RevokedError."""
        with self.holding(me) as held:
            async for chunk in chunks:
                yield chunk
                if held.ended:
                    raise RevokedError

    async def once(self) -> None:
        held = [one for one in self._held if not one.ended]
        if not held:
            return
        good = await self._sessions.standing({one.me.token_hash for one in held})
        for one in held:
            now = good.get(one.me.token_hash)
            if now is None or not as_before(one.me, now):
                log.info("identity.revoked", who=one.me.name)
                self._sessions.forget()
                one.finish()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.once()
            except (SQLAlchemyError, OSError) as error:
                log.warning("identity.cannot_look", error=type(error).__name__)


def as_before(then: Principal, now: Principal) -> bool:
    """Roles decide what a stream shows, so one that was opened with others is not gone on with."""
    return set(then.roles) == set(now.roles) and now.must_change == then.must_change
