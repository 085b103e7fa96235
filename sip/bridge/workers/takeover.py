"""What a worker has to be told to have a call, at any moment: another one may take it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sip.bridge.media.packet import Sender
from sip.bridge.media.stream import Remote
from sip.bridge.room.join_token import ParticipantSpec
from sip.bridge.workers.protocol import Entered, Joined, Open

NOT_YET = Entered(to_phone=False, from_phone=False)


@dataclass
class Takeover:
    """All but the socket, whose place in the room and the sound so far."""

    url: str = ""
    token: str = ""
    remote: Remote | None = None
    agreed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    entered: Entered | None = None
    state: bytes = b""

    @classmethod
    def of(cls, opened: Open, state: bytes) -> Takeover:
        """Of what an earlier signalling process has told."""
        return cls(
            opened.url,
            opened.token,
            opened.remote,
            opened.agreed,
            opened.headers,
            opened.entered,
            state,
        )

    @property
    def takes_part(self) -> Entered:
        return self.entered or NOT_YET

    def opened(
        self, call: str, spec: ParticipantSpec, *, joined: Joined | None, sender: Sender
    ) -> Open:
        """A token is good for one join."""
        return Open(
            call=call,
            spec=spec,
            url=self.url,
            token="" if joined is not None else self.token,
            state=self.state,
            sender=sender,
            remote=self.remote,
            agreed=self.agreed,
            headers=self.headers,
            entered=self.entered,
            joined=joined,
        )
