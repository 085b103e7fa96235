"""The page about the leg knows every setting, with its default."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from sip.bridge.runtime.port_range import PortRange
from sip.bridge.runtime.settings import Settings

PAGE = Path(__file__).parents[4] / "sip" / "README.md"
ROWS = dict(
    re.findall(r"^\| `(SWITCHBOARD_\w+)` \|\s*`?([^|`]*?)`?\s*\|", PAGE.read_text("utf-8"), re.M)
)
SHARED = {"redis_url", "gateway_listen"}
"""Said where the whole installation is described."""


PAIR = {"LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "secret"}


def servers(text: str) -> list[tuple[str, int]]:
    return list(Settings(sip_resolver=text, **PAIR).sip_resolver)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.53", [("192.0.2.53", 53)]),
        ("192.0.2.53:5353, 192.0.2.54", [("192.0.2.53", 5353), ("192.0.2.54", 53)]),
        ("[2001:db8::53]:54,2001:db8::54", [("2001:db8::53", 54), ("2001:db8::54", 53)]),
        ("[2001:db8::55]", [("2001:db8::55", 53)]),
        ("", []),
    ],
)
def test_name_servers_are_addresses(text: str, expected: list[tuple[str, int]]) -> None:
    assert servers(text) == expected


@pytest.mark.parametrize(
    "text", ["dns.example", "192.0.2.53:0", "192.0.2.53:x", "192.0.2.53:70000"]
)
def test_a_name_server_that_is_no_address_is_refused(text: str) -> None:
    """Who would be asked where it is?"""
    with pytest.raises(ValidationError, match="not the address of a name server"):
        servers(text)


def written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ":".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, PortRange):
        return f"{value.low}-{value.high}"
    return f"{value:g}" if isinstance(value, float) else str(value)


NAMES = [
    name for name in Settings.model_fields if not name.startswith("livekit_") and name not in SHARED
]


@pytest.mark.parametrize("name", NAMES)
def test_the_page_says_what_a_setting_is_without_being_set(name: str) -> None:
    field = Settings.model_fields[name]

    assert ROWS[f"SWITCHBOARD_{name.upper()}"].strip() == written(field.default)


def test_the_page_knows_no_setting_that_there_is_not() -> None:
    assert {f"SWITCHBOARD_{name.upper()}" for name in NAMES} == set(ROWS)


def test_half_of_tls_is_refused_at_the_start(tmp_path: Path) -> None:
    """With the setting, the reason and what to do, and without a traceback."""
    env = {
        "PATH": os.environ["PATH"],
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "secret",
        "SWITCHBOARD_SIP_TLS_CERTIFICATE": "leg.pem",
        "SWITCHBOARD_SIP_TLS_CA": "gone.pem",
    }
    leg = [sys.executable, "-m", "sip.bridge"]
    root = PAGE.parents[1]
    ended = subprocess.run(leg, env=env, cwd=root, capture_output=True, text=True, check=False)

    certificate, ca = ended.stderr.splitlines()
    assert ended.returncode == 2
    assert certificate.startswith("SWITCHBOARD_SIP_TLS_CERTIFICATE=leg.pem: it has no key; set ")
    assert ca.startswith("SWITCHBOARD_SIP_TLS_CA=gone.pem: No such file")
