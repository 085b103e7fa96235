"""Connections that go wrong in every way: seeded, so that a failure can be had again."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from tests.sip.bridge.hostile.makers import ALL, addressed
from tests.sip.bridge.hostile.mutation import OF_TEXT, SEED, mutated

CORPUS = tuple(ALL.values())
_LENGTHS = (
    b"0",
    b"1",
    b"-1",
    b"99999",
    b"999999999",
    b"9" * 40,
    b"5\r\nContent-Length: 7",
    b"x",
    b"",
)


class Ending(Enum):
    CLOSE = "close"
    RESET = "reset"
    HALF = "half-close"
    """Nothing more is said, and what comes is read."""
    STAY = "stay"
    """It is left to the other side to end it."""


@dataclass(frozen=True)
class Stream:
    """Pieces in the order in which they are written, each by itself."""

    kind: str
    pieces: tuple[bytes, ...]
    ending: Ending


def _message(number: int, chance: random.Random) -> bytes:
    raw = addressed(chance.choice(CORPUS), number, 5070, tag="x")
    return raw.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP")


def _split(raw: bytes, chance: random.Random, most: int = 12) -> tuple[bytes, ...]:
    cuts = sorted(chance.randrange(len(raw) + 1) for _ in range(chance.randrange(most)))
    return tuple(raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True) if a < b)


def _split_anywhere(number: int, chance: random.Random) -> tuple[bytes, ...]:
    return _split(_message(number, chance), chance, 40)


def _pipelined(number: int, chance: random.Random) -> tuple[bytes, ...]:
    every = b"".join(_message(1000 * number + n, chance) for n in range(chance.randrange(2, 9)))
    return _split(every, chance)


def _mutated(number: int, chance: random.Random) -> tuple[bytes, ...]:
    raw = addressed(mutated(CORPUS, chance, OF_TEXT), number, 5070, tag="x")
    return _split(raw + _message(number + 1, chance), chance)


def _lies(number: int, chance: random.Random) -> tuple[bytes, ...]:
    raw = _message(number, chance)
    said = b"Content-Length: " + chance.choice(_LENGTHS)
    raw = re.sub(rb"Content-Length: \d+", lambda found: said, raw, count=1)
    return _split(raw + _message(number + 1, chance), chance)


def _giant(number: int, chance: random.Random) -> tuple[bytes, ...]:
    head = b"OPTIONS sip:x@y SIP/2.0\r\n"
    more = chance.choice((b"X: y\r\n", b"X: y\r\n z\r\n", b"Via: a;b,c\r\n", b"X" * 99, b"\0" * 99))
    return _split(head + more * chance.randrange(100, 4000), chance)


def _pings(number: int, chance: random.Random) -> tuple[bytes, ...]:
    pings = (b"\r\n\r\n", b"\r\n", b"\n", b"\r", b"\r\n" * 500, b"\n\n\n")
    said = tuple(chance.choice(pings) for _ in range(chance.randrange(1, 12)))
    return (*said, _message(number, chance), *said)


def _slow(number: int, chance: random.Random) -> tuple[bytes, ...]:
    raw = _message(number, chance)
    return tuple(raw[n : n + 1] for n in range(min(len(raw), chance.randrange(1, 30))))


def _half(number: int, chance: random.Random) -> tuple[bytes, ...]:
    raw = _message(number, chance)
    return (raw[: chance.randrange(1, len(raw))],)


def _nonsense(number: int, chance: random.Random) -> tuple[bytes, ...]:
    said = (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\0\x01", b"SSH-2.0-x\r\n")
    return (chance.choice((*said, chance.randbytes(200))),)


def _nothing(number: int, chance: random.Random) -> tuple[bytes, ...]:
    return ()


KINDS: dict[str, Callable[[int, random.Random], tuple[bytes, ...]]] = {
    "split anywhere": _split_anywhere,
    "pipelined": _pipelined,
    "mutated": _mutated,
    "Content-Length lies": _lies,
    "giant headers": _giant,
    "keep-alives": _pings,
    "slowly": _slow,
    "half a message": _half,
    "no SIP": _nonsense,
    "nothing": _nothing,
}


def streams(count: int, seed: int = SEED) -> Iterator[Stream]:
    chance = random.Random(seed)
    names = list(KINDS)
    for number in range(count):
        name = names[number % len(names)]
        pieces = KINDS[name](number, chance)
        endings = [Ending.CLOSE, Ending.CLOSE, Ending.RESET, Ending.HALF]
        ending = Ending.STAY if number % 97 == 0 else chance.choice(endings)
        yield Stream(name, pieces, ending)
