"""Session timers (RFC 4028): who refreshes a call, how often, and when it counts as dead."""

from __future__ import annotations

from dataclasses import dataclass

MIN_SE = 90
WANTED = 1800


class IntervalTooSmallError(ValueError):
    """Answer 422 with our Min-SE (RFC 4028 §6)."""


@dataclass(frozen=True)
class SessionTimer:
    """`we_refresh` is about this side; `interval` is in seconds."""

    interval: float
    we_refresh: bool

    @property
    def refresh_after(self) -> float:
        return self.interval / 2

    @property
    def dead_after(self) -> float:
        """A side that hears no refresh hangs up a little before the end (RFC 4028 §10)."""
        return self.interval - min(32.0, self.interval / 3)


def read(value: str | None) -> tuple[int, str] | None:
    """`1800;refresher=uac` as (1800, "uac"); None if absent or unreadable."""
    if not value:
        return None
    seconds, _, rest = value.partition(";")
    seconds = seconds.strip()
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 9):
        return None
    options = dict(part.strip().lower().partition("=")[::2] for part in rest.split(";"))
    return int(seconds), options.get("refresher", "")


def minimum(value: str | None) -> int:
    """`90;generic` of a Min-SE as 90; 0 if absent or unreadable."""
    found = read(value)
    return found[0] if found is not None else 0


def as_server(
    value: str | None, peer_supports: bool, *, least: int = MIN_SE
) -> tuple[SessionTimer | None, list[tuple[str, str]]]:
    """What to agree to, and the headers of the 2xx.

    Raises IntervalTooSmallError, but not at a phone that would not know what 422 means: what a
    proxy has asked for in its place is made longer, as the next proxy would have done (§8.1).
    """
    asked = read(value)
    if asked is None or not asked[0]:
        return None, []
    seconds, refresher = asked
    if seconds < least and peer_supports:
        raise IntervalTooSmallError(f"{seconds} s is less than {least}")
    if not peer_supports:  # a proxy asked; only we can refresh
        seconds = max(seconds, least)
        return SessionTimer(seconds, we_refresh=True), [
            ("Session-Expires", f"{seconds};refresher=uas")
        ]
    refresher = refresher if refresher in ("uac", "uas") else "uac"
    headers = [("Require", "timer"), ("Session-Expires", f"{seconds};refresher={refresher}")]
    return SessionTimer(seconds, we_refresh=refresher == "uas"), headers


def as_client(value: str | None) -> SessionTimer | None:
    """What the 2xx to our INVITE agreed to."""
    agreed = read(value)
    if agreed is None or agreed[0] < 1:
        return None
    return SessionTimer(agreed[0], we_refresh=agreed[1] != "uas")
