"""Whether the sound of a call has to be encrypted: by its trunk in the plan, or in LiveKit."""

from __future__ import annotations

from livekit.protocol import sip as lk

from dialplans.model import Trunk
from sip.bridge.sdp.encryption import Encryption

_ASKED: dict[int, Encryption] = {
    lk.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE: Encryption.REQUIRED,
    lk.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_ALLOW: Encryption.ALLOWED,
}


def of_trunk(trunk: Trunk | None) -> Encryption | None:
    """None for a trunk that the plan does not know."""
    return None if trunk is None else Encryption(trunk.srtp)


def of_livekit(*asked: int) -> Encryption:
    """The strictest: servers say it in one place or in another."""
    found = {_ASKED.get(one, Encryption.OFF) for one in asked}
    for encryption in (Encryption.REQUIRED, Encryption.ALLOWED):
        if encryption in found:
            return encryption
    return Encryption.OFF
