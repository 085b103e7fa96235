"""What the phones of tests say of their sound, and what they make of what they are told."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from sip.bridge.calls.remote_sound import Allowed
from sip.bridge.media.address import Ours
from sip.bridge.media.codecs.payload_types import NAMES
from sip.bridge.media.stream import Remote
from sip.bridge.sdp import description
from sip.bridge.sdp.description import Local, Stated
from sip.bridge.sdp.formats import CODECS, KEYS, PCMA, PCMU, Format
from sip.bridge.sdp.negotiation import KEY_PAYLOAD_TYPE, agreement
from sip.bridge.sdp.session import CONTENT_TYPE, parse
from sip.bridge.sdp.sound import Sound, choose

__all__ = ["CONTENT_TYPE", "Local", "describe", "remote_in", "sound_in"]

LAWS = (PCMU, PCMA)

_VERSIONS = itertools.count(1)


def describe(
    local: Local,
    *,
    payload_types: Sequence[int] = LAWS,
    keys: int | None = KEY_PAYLOAD_TYPE,
    direction: str = "sendrecv",
    packet_ms: int = 20,
) -> bytes:
    """A phone's description, with a new version each time."""
    formats = [Format(number, NAMES[number]) for number in payload_types]
    if keys is not None:
        formats.append(Format(keys, KEYS))
    stated = Stated(formats, direction, packet_ms=packet_ms)
    origin = f"{local.port} {next(_VERSIONS)}"
    return description.describe(local, origin, "0 0", [stated.lines(local)])


def sound_in(text: str) -> Sound:
    return choose(parse(text), lambda address: None, CODECS)


def remote_in(text: str, peer: str, codecs: Sequence[int] = LAWS) -> Remote:
    """For a stream that speaks these, with one set of numbers for both ways."""
    sound = choose(parse(text), lambda address: None, codecs)
    return Allowed(Ours(), peer).remote(agreement(sound, sound.formats[0], ()))
