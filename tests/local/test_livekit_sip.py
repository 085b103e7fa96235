"""LiveKit's own SIP leg is told every setting that it has a place for; others are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.local.config_files import sip_config
from gateway.local.keys import Keys
from gateway.local.layout import Layout, LayoutError
from gateway.local.livekit_sip import CARRIED, NO_PLACE
from gateway.local.processes.ports import taken_ports
from gateway.local.processes.services import services
from sip.bridge.runtime.settings import Settings as BridgeSettings
from tests.sip.bridge.authority import Authority

KEYS = Keys.new()


def config(**env: str) -> dict[str, Any]:
    return sip_config(layout(**env), KEYS)


def layout(**env: str) -> Layout:
    told = {f"SWITCHBOARD_{name}": value for name, value in env.items()}
    return Layout.from_environment({"SWITCHBOARD_SIP_LEG": "livekit-sip", **told})


def problems(**env: str) -> list[str]:
    with pytest.raises(LayoutError) as wrong:
        layout(**env)
    return wrong.value.problems


def test_the_address_that_others_reach_it_at_is_announced() -> None:
    """Where nobody says, the one it listens on: by itself livekit-sip takes the machine's first,
    and does not start where that is loopback."""
    behind_a_router = config(SIP_LISTEN="192.0.2.7:5060", SIP_ADVERTISE="203.0.113.10")

    assert behind_a_router["listen_ip"] == "192.0.2.7"
    assert behind_a_router["nat_1_to_1_ip"] == "203.0.113.10"
    assert config(SIP_LISTEN="192.0.2.7:5060")["nat_1_to_1_ip"] == "192.0.2.7"
    assert config(SIP_LISTEN="localhost:5060")["nat_1_to_1_ip"] == "127.0.0.1"
    assert "nat_1_to_1_ip" not in config(SIP_LISTEN="0.0.0.0:5060")
    assert config()["use_external_ip"] is False


def test_a_phone_behind_a_nat_hears_us() -> None:
    """The embedded leg follows such a phone always."""
    assert config()["symmetric_rtp"] is True


@pytest.mark.parametrize(("told", "taken"), [("0.5", 0.5), ("1", 1.0), ("0", 1.0), ("", 0.95)])
def test_a_limit_of_the_processor_that_is_off_stays_off(told: str, taken: float) -> None:
    """livekit-sip reads 0 as its own 0.9."""
    assert config(SIP_MAX_CPU=told)["max_cpu_utilization"] == taken


def test_calls_silence_and_figures_reach_it() -> None:
    found = config(
        SIP_MAX_CALLS="7",
        SIP_MEDIA_TIMEOUT="20.5",
        SIP_MEDIA_TIMEOUT_INITIAL="40",
        SIP_PROMETHEUS_PORT="8093",
        SIP_HEALTH="127.0.0.1:8094",
        RTP_PORTS="21000-21099",
    )

    assert found["max_active_calls"] == 7
    assert (found["media_timeout"], found["media_timeout_initial"]) == ("20.5s", "40s")
    assert (found["prometheus_port"], found["health_port"]) == (8093, 8094)
    assert found["rtp_port"] == "21000-21099"


def test_its_listener_for_tls_shows_the_files_that_are_named(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).issue("line", "127.0.0.1")
    env = {"SIP_TLS_LISTEN": "127.0.0.1:5063", "SIP_TLS_CERTIFICATE": certificate}

    assert config(**env, SIP_TLS_KEY=key)["tls"] == {
        "port": 5063,
        "certs": [{"cert_file": certificate, "key_file": key}],
    }
    assert "tls" not in config()
    assert any("SWITCHBOARD_SIP_TLS_KEY" in said for said in problems(**env))


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"SIP_ADVERTISE": "sip.example.com"}, "livekit-sip wants an IPv4 address"),
        ({"SIP_ADVERTISE": "2001:db8::1"}, "livekit-sip wants an IPv4 address"),
        ({"SIP_LISTEN": "[::1]:5060"}, "livekit-sip wants an IPv4 address"),
        ({"SIP_MAX_CALLS": "0"}, "is not a number, 1 or more"),
        ({"SIP_MAX_CPU": "95"}, "is not a share of the machine, 0 to 1"),
        ({"SIP_MEDIA_TIMEOUT": "never"}, "is not a number"),
        ({"SIP_MEDIA_TIMEOUT_INITIAL": "0"}, "is not a number of seconds above 0"),
        ({"SIP_PROMETHEUS_PORT": "70000"}, "is not a port"),
    ],
)
def test_a_value_that_it_would_not_take_is_named(env: dict[str, str], said: str) -> None:
    ((name, value),) = env.items()

    assert problems(**env) == [f"SWITCHBOARD_{name}={value}: {said}"]


def test_every_setting_of_the_embedded_leg_reaches_it_or_is_refused() -> None:
    """Nothing is accepted in silence; a setting that is added has to be decided about."""
    fields = {f"SWITCHBOARD_{f.upper()}" for f in BridgeSettings.model_fields if f[:4] == "sip_"}

    assert fields - CARRIED <= NO_PLACE.keys()
    for name in fields - CARRIED:
        said = problems(**{name.removeprefix("SWITCHBOARD_"): "1"})
        assert f"{name}: livekit-sip has no such setting; {NO_PLACE[name]}" in said


def test_a_setting_that_nobody_knows_is_refused_as_well() -> None:
    (said,) = problems(SIP_GREETINGS="5")

    assert said.startswith("SWITCHBOARD_SIP_GREETINGS: livekit-sip has no such setting")


def test_the_embedded_leg_takes_what_livekit_sip_does_not() -> None:
    """The settings of one leg say nothing about the other."""
    told = dict.fromkeys((name for name in NO_PLACE if "TLS" not in name), "1")

    assert Layout.from_environment(told).sip_leg == "bridge"
    with pytest.raises(LayoutError, match="SWITCHBOARD_SIP_HEALTH, /metrics"):
        Layout.from_environment({"SWITCHBOARD_SIP_PROMETHEUS_PORT": "8093"})


def test_a_port_that_is_taken_is_named_before_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also those that only this leg has."""
    import socket

    certificate, key = Authority(tmp_path).issue("line", "127.0.0.1")
    monkeypatch.setenv("SWITCHBOARD_LIVEKIT_SIP", "/usr/bin/true")
    monkeypatch.setenv("SWITCHBOARD_LIVEKIT_SERVER", "/usr/bin/true")
    with socket.socket() as one, socket.socket() as other:
        for sock in (one, other):
            sock.bind(("127.0.0.1", 0))
            sock.listen()
        tls, figures = one.getsockname()[1], other.getsockname()[1]
        found = layout(
            SIP_TLS_LISTEN=f"127.0.0.1:{tls}",
            SIP_TLS_CERTIFICATE=certificate,
            SIP_TLS_KEY=key,
            SIP_PROMETHEUS_PORT=str(figures),
        )
        line = [service for service in services(found, KEYS) if service.name == "sip"]
        said = "\n".join(taken_ports(line))

    assert f"tcp port {tls} on 127.0.0.1 is taken" in said
    assert f"tcp port {figures} on 127.0.0.1 is taken" in said


def test_whoever_keeps_the_trunks_in_step_knows_the_leg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHBOARD_LIVEKIT_SIP", "/usr/bin/true")
    monkeypatch.setenv("SWITCHBOARD_LIVEKIT_SERVER", "/usr/bin/true")
    plan = next(service for service in services(layout(), KEYS) if service.name == "plan")

    assert plan.env["SWITCHBOARD_SIP_LEG"] == "livekit-sip"
