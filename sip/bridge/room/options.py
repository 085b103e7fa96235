"""How the SDK is to connect."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from livekit import rtc

CONNECT_SECONDS = 4.0
NO_STUN = rtc.IceServer(urls=["stun:127.0.0.1:9"])
"""Nobody answers there, and its name need not be looked up."""


def options_for(url: str) -> rtc.RoomOptions:
    """With a server that is reached by a private address there is no NAT to find a way through.

    Without this every join looks up the public STUN servers that livekit-server names, which on a
    machine without them costs a thread for each name until the resolver gives up: 800 threads and
    20 MB after 150 calls.
    """
    try:
        near = ipaddress.ip_address(urlsplit(url).hostname or "").is_private
    except ValueError:
        near = urlsplit(url).hostname == "localhost"
    return rtc.RoomOptions(
        auto_subscribe=False,
        single_peer_connection=False,  # one connection for both ways makes publishing slower
        connect_timeout=CONNECT_SECONDS,
        rtc_config=rtc.RtcConfiguration(ice_servers=[NO_STUN]) if near else None,
    )
