"""Which payload types of a call mean what. Codecs are named by their static ones (RFC 3551 §6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

G722_TYPE = 9
BIT_RATE = 64_000
"""Of G.722. Its payload is as long as that of G.711, and its timestamps count 8000 a second too
(RFC 3551 §4.5.2), although it has twice as many samples."""

NAMES = {0: "PCMU", 8: "PCMA", G722_TYPE: "G722"}


@dataclass(frozen=True)
class PayloadTypes:
    """Each side numbers what it receives: what we send has their numbers, what comes has ours, or
    theirs where somebody has mixed that up and the number is free."""

    sends: int = 0
    codec: int = 0
    """Of what is sent."""
    sends_keys: int | None = None
    decodes: Mapping[int, int] = field(default_factory=dict)
    """Codecs by payload type, of what comes."""
    keys: frozenset[int] = frozenset()
    noise: frozenset[int] = frozenset()
    packet_ms: int = 20
    """How long the packets that are sent are."""
    tones: bool = False
    """Whether keys are listened for in the sound as well."""

    @classmethod
    def static(cls, codec: int, keys: int | None = None) -> PayloadTypes:
        """One codec under its own number, both ways."""
        heard = frozenset(() if keys is None else (keys,))
        return cls(codec, codec, keys, {codec: codec}, heard)

    def agreed(self, payload_type: int) -> bool:
        return payload_type in self.decodes or payload_type in self.keys | self.noise
