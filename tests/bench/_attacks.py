"""Strangers who send more than they should, for as many seconds as they are told to.

`python -m tests.bench._attacks NAME HOST:PORT SECONDS`: each runs in a process of its own, so that
what it costs to attack is not charged to who measures.

Only addresses of 127.0.0.0/8 are used, as senders too.
"""

from __future__ import annotations

import contextlib
import random
import socket
import sys
import time
from collections.abc import Callable, Iterator

STRANGER = "127.0.0.77"
TRUNK = "127.0.0.1"
BURST = 20
"""Datagrams between two looks at the clock."""

Address = tuple[str, int]
VIA = b"Via: SIP/2.0/UDP 127.0.0.77:5070;branch=z9hG4bKx%d\r\n"
REST = b"From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: 1\r\nCSeq: 1 %b\r\n"


def request(method: bytes, *, more: bytes = b"", body: bytes = b"") -> bytes:
    via = VIA % random.getrandbits(40)
    length = b"Content-Length: %d\r\n" % len(body)
    return (
        b"%b sip:+442079460100@x SIP/2.0\r\n" % method
        + via
        + REST % method
        + more
        + length
        + b"\r\n"
        + body
    )


ANSWER = b"SIP/2.0 200 OK\r\n" + VIA % 1 + REST % b"INVITE" + b"\r\n"
LARGE_VIA = request(b"OPTIONS", more=b"Via: SIP/2.0/UDP x" + b"," * 59_000 + b"\r\n")
MANY_HEADERS = request(b"OPTIONS", more=b"X: y\r\n" * 9000)
FOLDED = request(b"OPTIONS", more=b"X: y" + b"\r\n z" * 12_000 + b"\r\n")


def multipart(depth: int) -> bytes:
    """Parts within parts."""
    head = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed;boundary=b%d\r\n\r\n" % (n, n + 1)
        for n in range(depth)
    )
    kind = b"Content-Type: multipart/mixed;boundary=b0\r\n"
    return request(b"INVITE", more=kind, body=head)


@contextlib.contextmanager
def datagrams(source: str = STRANGER) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        yield sender


def flood(
    to: Address, until: float, make: Callable[[], bytes], *, source: str = STRANGER, rate: float = 0
) -> int:
    """As fast as it goes, or `rate` a second."""
    sent = 0
    with datagrams(source) as sender:
        while time.monotonic() < until:
            for _ in range(1 if rate else BURST):
                with contextlib.suppress(OSError):
                    sender.sendto(make(), to)
                sent += 1
            if rate:
                time.sleep(1 / rate)
    return sent


def forged(to: Address, until: float) -> int:
    """Small requests that come from a thousand addresses."""
    sent = 0
    with contextlib.ExitStack() as opened:
        senders = [
            opened.enter_context(datagrams(f"127.{random.randrange(1, 255)}.{n >> 6}.{n % 64 + 1}"))
            for n in range(900)
        ]
        while time.monotonic() < until:
            for _ in range(BURST):
                random.choice(senders).sendto(request(b"OPTIONS"), to)
                sent += 1
    return sent


def connected(to: Address, source: str = STRANGER) -> socket.socket | None:
    made = socket.socket()
    made.settimeout(0.2)
    try:
        made.bind((source, 0))
        made.connect(to)
    except OSError:
        made.close()
        return None
    made.setblocking(False)
    return made


def keep_alives(to: Address, until: float, source: str = STRANGER) -> int:
    """One connection after the other that sends nothing but line ends and reads nothing."""
    sent, line = 0, None
    data = b"\r\n" * 32_000
    while time.monotonic() < until:
        line = line or connected(to, source)
        try:
            sent += line.send(data) if line else 0
        except BlockingIOError:
            time.sleep(0.001)
        except OSError:
            line = None
    return sent


def many_connections(to: Address, until: float, most: int = 200) -> int:
    """So many that say nothing, opened again when they are closed."""
    opened: list[socket.socket] = []
    count = 0
    while time.monotonic() < until:
        opened = [one for one in opened if _still_open(one)]
        if len(opened) < most and (made := connected(to)) is not None:
            opened.append(made)
            count += 1
    return count


def _still_open(line: socket.socket) -> bool:
    try:
        return bool(line.recv(1))
    except BlockingIOError:
        return True
    except OSError:
        return False


def unread(to: Address, until: float, source: str = STRANGER) -> int:
    """Asks and asks and reads no answer."""
    sent, line, rest = 0, None, b""
    while time.monotonic() < until:
        line = line or connected(to, source)
        rest = rest or request(b"OPTIONS") * 20
        try:
            gone = line.send(rest) if line else 0
        except BlockingIOError:
            time.sleep(0.001)
            continue
        except OSError:
            line, rest = None, b""
            continue
        sent, rest = sent + gone, rest[gone:]
    return sent


def halves(to: Address, until: float, most: int = 50) -> int:
    """So many connections that begin a message and send a byte of it now and then."""
    lines: list[socket.socket] = []
    while time.monotonic() < until:
        while (
            len(lines) < most and time.monotonic() < until and (made := connected(to)) is not None
        ):
            lines.append(made)
        for line in list(lines):
            try:
                line.send(b"OPTIONS sip:a@b SIP/2.0\r\nX:"[: random.randrange(1, 20)])
            except BlockingIOError:
                pass
            except OSError:
                lines.remove(line)
        time.sleep(0.05)
    return len(lines)


def guessed(method: bytes) -> bytes:
    """In a call that there is, for all that is known of it."""
    tag = b"%012x" % random.getrandbits(48)
    return request(method).replace(b"To: <sip:b@b>", b"To: <sip:b@b>;tag=" + tag)


def half_handshakes(to: Address, until: float) -> int:
    """A TLS hello without its end, as often as it is taken: to the port of TCP it is no SIP."""
    sent = 0
    while time.monotonic() < until:
        line = connected(to)
        if line is not None:
            with contextlib.suppress(OSError):
                sent += line.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            line.close()
    return sent


ONE_BRANCH = request(b"INVITE")
HUGE_TAG = request(b"BYE").replace(b"To: <sip:b@b>", b"To: <sip:b@b>;tag=" + b"t" * 15_000)


def garbage() -> bytes:
    return random.randbytes(40)


ATTACKS: dict[str, Callable[[Address, float], int]] = {
    "nothing": lambda to, until: 0,
    "keep-alives on a connection": keep_alives,
    "60 kB in one Via, 70/s": lambda to, until: flood(to, until, lambda: LARGE_VIA, rate=70),
    "60 kB in one Via, 700/s": lambda to, until: flood(to, until, lambda: LARGE_VIA, rate=700),
    "60 kB in one Via": lambda to, until: flood(to, until, lambda: LARGE_VIA),
    "9,000 headers": lambda to, until: flood(to, until, lambda: MANY_HEADERS),
    "a header of 12,000 lines": lambda to, until: flood(to, until, lambda: FOLDED),
    "INVITE of 1,000 parts": lambda to, until: flood(to, until, lambda: multipart(1000)),
    "garbage": lambda to, until: flood(to, until, garbage),
    "answers to nothing": lambda to, until: flood(to, until, lambda: ANSWER),
    "requests": lambda to, until: flood(to, until, lambda: request(b"OPTIONS")),
    "INVITEs": lambda to, until: flood(to, until, lambda: request(b"INVITE")),
    "requests of 900 addresses": forged,
    "200 idle connections": many_connections,
    "2,000 idle connections": lambda to, until: many_connections(to, until, 2000),
    "a peer that never reads": unread,
    "halves of messages": halves,
    "BYEs with guessed tags": lambda to, until: flood(to, until, lambda: guessed(b"BYE")),
    "re-INVITEs with guessed tags": lambda to, until: flood(to, until, lambda: guessed(b"INVITE")),
    "CANCELs": lambda to, until: flood(to, until, lambda: request(b"CANCEL")),
    "REGISTERs": lambda to, until: flood(to, until, lambda: request(b"REGISTER")),
    "INVITEs with one branch": lambda to, until: flood(to, until, lambda: ONE_BRANCH),
    "tags of 15 kB": lambda to, until: flood(to, until, lambda: HUGE_TAG),
    "halves of TLS handshakes": half_handshakes,
    "500 halves of messages": lambda to, until: halves(to, until, 500),
    "garbage, as the trunk": lambda to, until: flood(to, until, garbage, source=TRUNK),
    "requests, as the trunk": lambda to, until: flood(
        to, until, lambda: request(b"OPTIONS"), source=TRUNK
    ),
    "BYEs with guessed tags, as the trunk": lambda to, until: flood(
        to, until, lambda: guessed(b"BYE"), source=TRUNK
    ),
    "INVITEs with one branch, as the trunk": lambda to, until: flood(
        to, until, lambda: ONE_BRANCH, source=TRUNK
    ),
    "60 kB in one Via, as the trunk": lambda to, until: flood(
        to, until, lambda: LARGE_VIA, source=TRUNK
    ),
    "keep-alives, as the trunk": lambda to, until: keep_alives(to, until, TRUNK),
    "never reads, as the trunk": lambda to, until: unread(to, until, TRUNK),
}


def main(name: str, address: str, seconds: str) -> int:
    host, _, port = address.rpartition(":")
    sent = ATTACKS[name]((host, int(port)), time.monotonic() + float(seconds))
    print(sent)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
