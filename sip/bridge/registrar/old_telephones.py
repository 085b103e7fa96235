"""Telephones from before RFC 8760: they give up at a challenge by an algorithm that they lack,
whatever else they are offered."""

from __future__ import annotations

from collections import OrderedDict

REMEMBERED = 10_000
DAY_S = 86_400.0


class OldTelephones:
    """Who was asked by every algorithm and has come again without a proof is asked by MD5 alone for
    a day, or until it has proved itself by a better one. By host and name; `now` is in seconds."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[str, str], float] = OrderedDict()
        """When it was asked by all of them."""
        self._old: OrderedDict[tuple[str, str], float] = OrderedDict()
        """When that was in vain."""

    def comes(self, host: str, name: str, now: float) -> bool:
        """Without a proof. True for one that is to be asked by MD5 alone."""
        who = (host, name)
        if now - self._old.get(who, -DAY_S) < DAY_S:
            return True
        self._old.pop(who, None)
        in_vain = now - self._asked.pop(who, -DAY_S) < DAY_S
        remembered = self._old if in_vain else self._asked
        remembered[who] = now
        if len(remembered) > REMEMBERED:
            remembered.popitem(last=False)
        return in_vain

    def proved(self, host: str, name: str, algorithm: str) -> None:
        """What was asked was answered."""
        who = (host, name)
        self._asked.pop(who, None)
        if algorithm.upper() not in ("", "MD5"):
            self._old.pop(who, None)
