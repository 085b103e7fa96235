"""Where copies of messages go: `host:port`, with an id and a password if the collector asks."""

from __future__ import annotations

from dataclasses import dataclass, field

AGENT_ID = 2001
_FORM = "write host:port[;id=NUMBER][;password=TEXT]"


@dataclass(frozen=True)
class HepTarget:
    host: str
    port: int
    agent_id: int = AGENT_ID
    """By which Homer tells its senders apart."""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> HepTarget:
        """Raises ValueError, which never has the password in it."""
        address, *options = text.split(";")
        host, _, port = address.strip().rpartition(":")
        if not host or not (port.isascii() and port.isdigit() and 0 < int(port) <= 65535):
            raise ValueError(f"its beginning is no address: {_FORM}")
        given: dict[str, str] = {}
        for option in options:
            name, equals, value = option.strip().partition("=")
            if name not in ("id", "password") or not equals or name in given:
                raise ValueError(f"an option is unknown, empty or there twice: {_FORM}")
            given[name] = value
        number = given.get("id", str(AGENT_ID))
        if not (number.isascii() and number.isdigit() and int(number) < 1 << 32):
            raise ValueError("its id is no number below 2^32")
        return cls(host.strip("[]"), int(port), int(number), given.get("password", ""))
