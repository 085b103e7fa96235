"""The configuration files of the servers we start: pure text from layout and keys.

YAML is a superset of JSON, so what LiveKit's servers read is written as JSON.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from gateway.local.address import Address
from gateway.local.keys import Keys
from gateway.local.layout import Layout

WEBHOOK_PATH = "/api/livekit/webhook"
LOOPBACK = "127.0.0.1"


def redis_conf(layout: Layout, keys: Keys) -> str:
    """Appends every write: trunks, rules, leases and unread events outlive a crash."""
    return "\n".join(
        [
            f"bind {layout.redis.host}",
            f"port {layout.redis.port}",
            f"requirepass {keys.redis_password}",
            f"dir {json.dumps(str(layout.home))}",
            'appenddirname "redis"',
            'appendfilename "switchboard.aof"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "daemonize no",
            "",
        ]
    )


def livekit_config(layout: Layout, keys: Keys) -> dict[str, Any]:
    """On loopback a browser must be offered loopback and nothing else, or it may pick another
    local address and never connect."""
    address = layout.livekit
    wildcard = address.host in ("0.0.0.0", "::")
    rtc: dict[str, Any] = {
        "tcp_port": layout.livekit_tcp,
        "udp_port": layout.livekit_udp,
        "use_external_ip": False,
    }
    if address.is_loopback:
        rtc |= {
            "node_ip": LOOPBACK,
            "enable_loopback_candidate": True,
            "ips": {"includes": [f"{LOOPBACK}/32"]},
        }
    elif not wildcard:
        rtc |= {
            "node_ip": address.host,
            "enable_loopback_candidate": True,
            "ips": {"includes": [f"{address.host}/32", f"{LOOPBACK}/32"]},
        }
    bind = [] if wildcard else sorted({address.host, LOOPBACK})
    return {
        "port": address.port,
        **({"bind_addresses": bind} if bind else {}),
        "rtc": rtc,
        "redis": _redis(layout.redis, keys),
        "keys": {keys.livekit_api_key: keys.livekit_api_secret},
        "room": {"enable_remote_unmute": True},
        "webhook": {
            "api_key": keys.livekit_api_key,
            "urls": [f"{layout.console_url}{WEBHOOK_PATH}"],
        },
        "logging": {"level": "info", "json": False},
    }


def sip_config(layout: Layout, keys: Keys) -> dict[str, Any]:
    """For LiveKit's own livekit-sip, when it stands in for the embedded bridge."""
    return {
        "api_key": keys.livekit_api_key,
        "api_secret": keys.livekit_api_secret,
        "ws_url": layout.livekit_url,
        "redis": _redis(layout.redis, keys),
        "rtp_port": f"{layout.rtp[0]}-{layout.rtp[1]}",
        "health_port": layout.sip_health.port,
        **layout.livekit_sip.config(layout.sip),
        "logging": {"level": "info", "json": False},
    }


def _redis(address: Address, keys: Keys) -> dict[str, str]:
    return {"address": str(address.dialled()), "password": keys.redis_password}


def write_config_files(layout: Layout, keys: Keys) -> None:
    """They hold secrets, so they are as private as the secrets file."""
    for folder in (layout.home, layout.logs, layout.run):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(layout.run / "redis.conf", redis_conf(layout, keys))
    _write(layout.run / "livekit.yaml", json.dumps(livekit_config(layout, keys), indent=1))
    if layout.sip_leg == "livekit-sip":
        _write(layout.run / "sip.yaml", json.dumps(sip_config(layout, keys), indent=1))


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
