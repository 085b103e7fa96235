"""What the servers are told."""

from __future__ import annotations

from pathlib import Path

from gateway.local.config_files import (
    livekit_config,
    redis_conf,
    sip_config,
    write_config_files,
)
from gateway.local.keys import Keys
from gateway.local.layout import Layout

KEYS = Keys.new()


def layout(**env: str) -> Layout:
    return Layout.from_environment(env)


def test_redis_forgets_nothing_and_asks_for_a_password() -> None:
    conf = redis_conf(layout(), KEYS).splitlines()

    assert "appendonly yes" in conf
    assert "bind 127.0.0.1" in conf
    assert f"requirepass {KEYS.redis_password}" in conf


def test_on_loopback_a_browser_is_offered_loopback_only() -> None:
    """Without `ips` a browser may pick another local address and never connect."""
    rtc = livekit_config(layout(), KEYS)["rtc"]

    assert rtc["node_ip"] == "127.0.0.1"
    assert rtc["enable_loopback_candidate"] is True
    assert rtc["ips"] == {"includes": ["127.0.0.1/32"]}
    assert rtc["use_external_ip"] is False


def test_on_an_address_of_the_network_that_one_is_offered() -> None:
    """For agents at other desks: LIVEKIT_URL=ws://192.0.2.7:7880."""
    config = livekit_config(layout(LIVEKIT_URL="ws://192.0.2.7:7880"), KEYS)

    assert config["bind_addresses"] == ["127.0.0.1", "192.0.2.7"]
    assert config["rtc"]["node_ip"] == "192.0.2.7"


def test_livekit_reports_to_the_gateway_signed_with_its_key() -> None:
    config = livekit_config(layout(SWITCHBOARD_GATEWAY_LISTEN="0.0.0.0:9000"), KEYS)

    assert config["webhook"] == {
        "api_key": KEYS.livekit_api_key,
        "urls": ["http://127.0.0.1:9000/api/livekit/webhook"],
    }
    assert config["keys"] == {KEYS.livekit_api_key: KEYS.livekit_api_secret}


def test_both_sip_legs_share_address_and_ports() -> None:
    """So that changing the leg changes nothing for a phone."""
    here = layout(SWITCHBOARD_SIP_LISTEN="127.0.0.1:5070", SWITCHBOARD_RTP_PORTS="21000-21099")
    config = sip_config(here, KEYS)

    assert (config["listen_ip"], config["sip_port"]) == ("127.0.0.1", 5070)
    assert config["rtp_port"] == "21000-21099"
    assert config["redis"]["password"] == KEYS.redis_password


def test_what_only_one_leg_reads_is_written_for_that_one(tmp_path: Path) -> None:
    files = {}
    for leg in ("bridge", "livekit-sip"):
        found = layout(SWITCHBOARD_HOME=str(tmp_path / leg), SWITCHBOARD_SIP_LEG=leg)
        write_config_files(found, KEYS)
        files[leg] = {file.name for file in found.run.iterdir()}

    assert files["livekit-sip"] - files["bridge"] == {"sip.yaml"}
