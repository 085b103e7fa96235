"""Where a call is tried, one place after the other, and what is said when nobody took it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dialplans.contracts.causes import EndCause
from sip.bridge.carriers.locate import Place
from sip.bridge.dialling.failure import NotAnsweredError

MOST_REDIRECTIONS = 5
"""One after the other; who goes on is in a circle that no list of places shows."""
MOST_STOPS = 10

_TELLING = (
    *(EndCause.BUSY, EndCause.DECLINED, EndCause.NO_ANSWER),
    *(EndCause.WRONG_NUMBER, EndCause.FAILED, EndCause.UNREACHABLE),
)
"""What a telephone says tells more than what the way to it says."""


@dataclass(frozen=True)
class Stop:
    """A place to try. `redirections` is how many led to it."""

    uri: str
    place: Place
    redirections: int = 0

    def uri_by(self, transport: str) -> str:
        """Where any transport would do, the one that is used."""
        if self.place.transport:
            return self.uri
        return self.uri.replace(";transport=udp", f";transport={transport}")


class Course:
    def __init__(self, first: Stop) -> None:
        self._waiting = [first]
        self._known = {_key(first)}
        self._failure: NotAnsweredError | None = None

    def next(self) -> Stop | None:
        return self._waiting.pop(0) if self._waiting else None

    def add(self, stops: Iterable[Stop]) -> str:
        """They come before all that waits. Returns why none of them will be tried, if none is."""
        why, fresh = "nowhere to go is named", []
        for stop in stops:
            if stop.redirections > MOST_REDIRECTIONS or len(self._known) >= MOST_STOPS:
                why = "it was sent on too often"
            elif _key(stop) in self._known:
                why = "it was sent where it had been already"
            else:
                self._known.add(_key(stop))
                fresh.append(stop)
        self._waiting[:0] = fresh
        return "" if fresh else why

    def failed(self, failure: NotAnsweredError) -> None:
        """A 6xx speaks for every telephone there is (RFC 3261 §21.6)."""
        if failure.code >= 600:
            self._waiting.clear()
            self._failure = failure
        elif self._failure is None or _rank(failure) < _rank(self._failure):
            self._failure = failure

    @property
    def failure(self) -> NotAnsweredError:
        return self._failure or NotAnsweredError.no_way("nowhere to call")


def _rank(failure: NotAnsweredError) -> int:
    return _TELLING.index(failure.cause) if failure.cause in _TELLING else len(_TELLING)


def _key(stop: Stop) -> tuple[str, Place]:
    scheme_and_user, at, _ = stop.uri.partition(";")[0].rpartition("@")
    return (scheme_and_user if at else "", stop.place)
