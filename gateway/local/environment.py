"""The settings that every process reads, as one mapping."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

from gateway.local.keys import Keys, read_keys
from gateway.local.layout import Layout


def environment(layout: Layout, keys: Keys) -> dict[str, str]:
    """What `switchboard up` gives to each process; LiveKit's names where LiveKit has one."""
    return {
        "LIVEKIT_URL": layout.livekit_url,
        "LIVEKIT_API_KEY": keys.livekit_api_key,
        "LIVEKIT_API_SECRET": keys.livekit_api_secret,
        "SWITCHBOARD_HOME": str(layout.home),
        "SWITCHBOARD_REDIS_URL": f"redis://:{keys.redis_password}@{layout.redis.dialled()}/0",
        "SWITCHBOARD_DIALPLAN": str(layout.dialplan),
        "SWITCHBOARD_DATABASE_URL": layout.database,
        "SWITCHBOARD_SESSION_SECRET": keys.session_secret,
        "SWITCHBOARD_SPEECH_SOCKET": str(layout.speech_socket),
        "SWITCHBOARD_LEASE_SOCKET": str(layout.lease_socket),
        "SWITCHBOARD_LIVEKIT_TCP_PORT": str(layout.livekit_tcp),
        "SWITCHBOARD_LIVEKIT_UDP_PORT": str(layout.livekit_udp),
        "SWITCHBOARD_GATEWAY_LISTEN": str(layout.gateway),
        "SWITCHBOARD_SIP_LISTEN": str(layout.sip),
        "SWITCHBOARD_RTP_PORTS": f"{layout.rtp[0]}-{layout.rtp[1]}",
        "SWITCHBOARD_SIP_HEALTH": str(layout.sip_health),
        **layout.sip_tls.to_environment(),
        "PYTHONUNBUFFERED": "1",
    }


LIVEKIT = ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
REDIS = "SWITCHBOARD_REDIS_URL"


def adopt(layout: Layout, env: MutableMapping[str, str] | None = None) -> bool:
    """Lets a command typed by hand reach the running system without exporting anything.

    What the person set stays, except that an address without its password is of no use: LiveKit's
    three settings count only together, and a Redis URL only with a password of its own.
    False when there are no keys yet: nothing was ever started.
    """
    target = os.environ if env is None else env
    keys = read_keys(layout.secrets)
    if keys is None:
        return False
    ours = environment(layout, keys)
    if not all(target.get(name) for name in LIVEKIT):
        target.update({name: ours[name] for name in LIVEKIT})
    if "@" not in target.get(REDIS, "") and _is_ours(layout, target.get(REDIS)):
        target[REDIS] = ours[REDIS]
    for name, value in ours.items():
        target.setdefault(name, value)
    return True


def _is_ours(layout: Layout, url: str | None) -> bool:
    return not url or f"{layout.redis.dialled()}" in url
