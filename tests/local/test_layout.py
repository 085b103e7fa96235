"""Where things are, and how wrong settings are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.local.address import Address
from gateway.local.layout import Layout, LayoutError


def test_everything_listens_on_loopback_unless_told_otherwise() -> None:
    layout = Layout.from_environment({})
    addresses = [layout.redis, layout.livekit, layout.sip, layout.sip_health, layout.gateway]

    assert {a.host for a in [*addresses, *layout.workers]} == {"127.0.0.1"}
    assert str(layout.sip) == "127.0.0.1:5060"


def test_no_two_services_want_the_same_port() -> None:
    layout = Layout.from_environment({})
    ports = [layout.redis.port, layout.livekit.port, layout.livekit_tcp, layout.livekit_udp]
    ports += [layout.sip.port, layout.sip_health.port, layout.gateway.port]
    ports += [worker.port for worker in layout.workers]

    assert len(set(ports)) == len(ports)
    assert not any(layout.rtp[0] <= port <= layout.rtp[1] for port in ports)


def test_all_wrong_settings_are_told_at_once() -> None:
    """One line each, with the name and the value, so that one look is enough."""
    with pytest.raises(LayoutError) as wrong:
        Layout.from_environment(
            {
                "LIVEKIT_URL": "ws://somewhere",
                "SWITCHBOARD_SIP_LISTEN": "5060",
                "SWITCHBOARD_RTP_PORTS": "20000",
                "SWITCHBOARD_SIP_LEG": "asterisk",
                "SWITCHBOARD_LOG_DAYS": "0",
            }
        )

    assert wrong.value.problems == [
        "LIVEKIT_URL=ws://somewhere: needs a host and a port",
        "SWITCHBOARD_SIP_LISTEN=5060: '5060' is not HOST:PORT",
        "SWITCHBOARD_RTP_PORTS=20000: needs at least two ports, FIRST-LAST",
        "SWITCHBOARD_SIP_LEG=asterisk: is not one of bridge, livekit-sip",
        "SWITCHBOARD_LOG_DAYS=0: is not a number of days, 1 or more",
    ]


def test_half_of_tls_is_told_with_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(LayoutError) as wrong:
        Layout.from_environment(
            {
                "SWITCHBOARD_SIP_TLS_LISTEN": "0.0.0.0:5061",
                "SWITCHBOARD_SIP_TLS_CA": str(tmp_path / "gone.pem"),
            }
        )

    listen, ca = wrong.value.problems
    assert listen.startswith("SWITCHBOARD_SIP_TLS_LISTEN=0.0.0.0:5061: ")
    assert "SWITCHBOARD_SIP_TLS_CERTIFICATE and SWITCHBOARD_SIP_TLS_KEY" in listen
    assert ca.startswith(f"SWITCHBOARD_SIP_TLS_CA={tmp_path}/gone.pem: No such file")


def test_a_home_too_deep_for_a_socket_is_refused(tmp_path: Path) -> None:
    """Better than the `AF_UNIX path too long` of a process that was started already."""
    with pytest.raises(LayoutError, match="too long for a socket"):
        Layout.from_environment({"SWITCHBOARD_HOME": str(tmp_path / ("d" * 100))})


def test_a_client_dials_loopback_where_a_server_listens_everywhere() -> None:
    assert str(Address.parse("0.0.0.0:5060").dialled()) == "127.0.0.1:5060"
    assert str(Address.parse("[::]:5060").dialled()) == "[::1]:5060"
    assert str(Address.parse("192.0.2.7:5060").dialled()) == "192.0.2.7:5060"
