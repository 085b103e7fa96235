"""Bytes that meant something once: seeded, so that a failure can be had again."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

from tests.sip.bridge.hostile.makers import ALL, IN_A_CALL, addressed
from tests.sip.bridge.hostile.rfcs.rfc4475_broken import BROKEN
from tests.sip.bridge.hostile.rfcs.rfc4475_legal import LEGAL

SEED = 20261122
LONGEST = 60_000
CORPUS = (*ALL.values(), *LEGAL.values(), *BROKEN.values())
WITHIN = (*IN_A_CALL.values(),)

Mutate = Callable[[bytes, random.Random], bytes]

_NUMBERS = (
    b"0", b"-1", b"1", b"65535", b"65536", b"99999", b"2147483648", b"4294967296", b"1e9", b"+7",
    b"18446744073709551616", b"0x10", b"1_0", b"\xd9\xa3", b" 5", b"9" * 5000, b"1.5", b"",
)  # fmt: skip
_PIECES = (
    b"\r\n", b"\n", b"\r", b"\r\n ", b"\r\n\t", b"\r\n\r\n", b"\0", b"\xff\xfe", b"\xed\xa0\x80",
    b"\x1b[2J", b"\x85", b"\xe2\x80\xa8", b";", b";;;", b",", b",,", b"<", b">", b"<>", b'"',
    b'\\"', b"\\", b"%", b"%00", b"%0d%0a", b":", b"::", b"[", b"]", b"[::1]:x", b"@", b"@@",
    b"sip:@", b"sip:", b"tel:", b"=", b"tag=", b";tag=", b"SIP/2.0", b" ", b"\t", b"?",
    b"{}", b"%s", b"a" * 5000, b'"' * 3000, b"\\\"" * 1500, b"<" * 3000, b";a" * 500, b"," * 500,
    b"(" * 999, "ü€𝄞".encode(), "\u202e".encode(),
)  # fmt: skip
_WORD = re.compile(rb"\d+|[A-Za-z]+|[^A-Za-z0-9\s]")


def _cut(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def _flip(raw: bytes, chance: random.Random) -> bytes:
    made = bytearray(raw)
    for _ in range(chance.choice((1, 1, 2, 8))):
        if made:
            made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)
    return bytes(made)


def _byte(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    return raw[:place] + bytes([chance.randrange(256)]) + raw[place + 1 :]


def _without(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    return raw[:place] + raw[place + chance.randrange(40) :]


def _doubled(raw: bytes, chance: random.Random) -> bytes:
    a, b = sorted(chance.randrange(len(raw) + 1) for _ in range(2))
    return raw[:b] + raw[a:b] * chance.choice((1, 1, 3, 50)) + raw[b:]


def _random(raw: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(1, 200))


def _inserted(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    return raw[:place] + chance.choice(_PIECES) + raw[place:]


def _word(raw: bytes, chance: random.Random) -> bytes:
    """One word, number or sign becomes another."""
    words = list(_WORD.finditer(raw))
    if not words:
        return raw
    found = chance.choice(words)
    new = chance.choice(_NUMBERS if found[0].isdigit() or chance.random() < 0.3 else _PIECES)
    return raw[: found.start()] + new + raw[found.end() :]


def _lines_shuffled(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.split(b"\r\n")
    chance.shuffle(lines)
    return b"\r\n".join(lines)


def _line_again(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.split(b"\r\n")
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
    return b"\r\n".join(lines)


def _line_gone(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.split(b"\r\n")
    del lines[chance.randrange(len(lines))]
    return b"\r\n".join(lines)


def _value_swapped(raw: bytes, chance: random.Random) -> bytes:
    """The value of one header under the name of another."""
    lines = raw.split(b"\r\n")
    a, b = (chance.randrange(len(lines)) for _ in range(2))
    name, colon, _ = lines[a].partition(b":")
    lines[a] = name + colon + lines[b].partition(b":")[2]
    return b"\r\n".join(lines)


ANY: tuple[Mutate, ...] = (_cut, _flip, _byte, _without, _doubled, _random, _inserted)
OF_TEXT: tuple[Mutate, ...] = (
    *ANY, _inserted, _word, _word, _word, _lines_shuffled, _line_again, _line_gone, _value_swapped,
)  # fmt: skip


def mutated(
    corpus: Sequence[bytes], chance: random.Random, ways: Sequence[Mutate] = OF_TEXT
) -> bytes:
    """One of `corpus`, sometimes with the end of another, changed in one to four ways."""
    raw = chance.choice(corpus)
    if chance.random() < 0.1:
        other = chance.choice(corpus)
        raw = raw[: chance.randrange(len(raw) + 1)] + other[chance.randrange(len(other) + 1) :]
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        raw = chance.choice(ways)(raw, chance)
    return raw[:LONGEST]


Call = tuple[str, str]
"""Its Call-ID as `{c}` and our tag."""


def mutants(
    count: int,
    seed: int = SEED,
    *,
    port: int = 5070,
    calls: Callable[[], Sequence[Call]] = tuple,
    corpus: Sequence[bytes] = CORPUS,
) -> Iterator[bytes]:
    """Of SIP: new calls, and half of them within one of `calls` that are up, as far as there are
    any."""
    chance = random.Random(seed)
    for number in range(1, count + 1):
        up = calls()
        if up and chance.random() < 0.5:
            raw, (call, tag) = mutated(WITHIN, chance), chance.choice(up[-50:])
            made = addressed(raw, number, port, call=call, tag=tag)
        else:
            made = addressed(mutated(corpus, chance), number, port, tag=f"t{number}")
        yield (with_length(made) if chance.random() < 0.5 else made)[:LONGEST]


def with_length(raw: bytes) -> bytes:
    """With the Content-Length that it should have, so that more than that is looked at."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    head = re.sub(rb"(?im)^(content-length|l)[ \t]*:[^\r\n]*\r\n", b"", head + b"\r\n")
    return head + b"Content-Length: %d" % len(body) + (blank or b"\r\n\r\n") + body
