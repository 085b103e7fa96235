"""Datagrams that were SIP once: seeded, so that a failure can be had again."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.sip.bridge.signalling.torture import LEGAL, SDP, message

_NUMBERS = [b"0", b"-1", b"99999", b"4294967296", b"18446744073709551616", b"1e9", b"\xd9\xa3"]
_PIECES = [
    b"\r\n",
    b"\0",
    b"\xff\xfe",
    b";;;",
    b"<>",
    b'"',
    b",",
    b"%",
    b"%00",
    b"::",
    b"[::1]:x",
    b"sip:@",
    b"tag=",
    b"SIP/2.0",
    b"a" * 5000,
    "ü€𝄞".encode(),
]


def _dialogue(method: str, number: int) -> bytes:
    body = SDP if method in ("INVITE", "UPDATE") else ""
    return message(
        f"{method} sip:+498920009999@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKmutant{number};rport",
        f"From: <sip:+4917012345@x>;tag=m{number}",
        "To: <sip:+498920009999@x>" + (";tag=SCL_x" if method in ("BYE", "ACK") else ""),
        f"Call-ID: mutant{number}",
        f"CSeq: 1 {method}",
        "Contact: <sip:a@127.0.0.1:5070>",
        "Max-Forwards: 70",
        "Supported: timer",
        "Session-Expires: 1800;refresher=uac",
        'Proxy-Authorization: Digest username="u", realm="r", nonce="6a.b", response="0"',
        "Content-Type: application/sdp",
        body=body,
    )


METHODS = ("INVITE", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "NOTIFY", "INFO", "UPDATE", "X")


def mutants(count: int, seed: int = 20261122) -> Iterator[bytes]:
    chance = random.Random(seed)
    odd = list(LEGAL.values())
    for number in range(count):
        whole = chance.random() < 0.8
        raw = _dialogue(chance.choice(METHODS), number) if whole else chance.choice(odd)
        for _ in range(chance.randrange(1, 5)):
            raw = _mutate(raw, chance)
        yield raw[:60_000]


def _mutate(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    match chance.randrange(8):
        case 0:
            return raw[:place]
        case 1:
            return raw[:place] + bytes([chance.randrange(256)]) + raw[place + 1 :]
        case 2:
            return raw[:place] + chance.choice(_PIECES) + raw[place:]
        case 3:
            return raw[:place] + raw[place + chance.randrange(40) :]
        case 4:
            lines = raw.split(b"\r\n")
            chance.shuffle(lines)
            return b"\r\n".join(lines)
        case 5:
            lines = raw.split(b"\r\n")
            lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
            return b"\r\n".join(lines)
        case 6:
            words = raw.split(b" ")
            words[chance.randrange(len(words))] = chance.choice(_NUMBERS)
            return b" ".join(words)
        case _:
            return bytes(chance.randrange(256) for _ in range(chance.randrange(1, 200)))
