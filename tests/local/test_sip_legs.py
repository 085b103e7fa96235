"""Several SIP legs on one machine: where each listens, and what is in the way."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from gateway.cli.status import Status, as_it_runs, show
from gateway.local.keys import Keys
from gateway.local.layout import Layout, LayoutError
from gateway.local.processes.services import services
from gateway.local.sip_legs import MOST, is_leg

KEYS = Keys("key", "secret", "password", "session")


def layout(**env: str) -> Layout:
    return Layout.from_environment({f"SWITCHBOARD_{name}": value for name, value in env.items()})


def test_one_leg_is_where_the_settings_say() -> None:
    (only,) = layout(RTP_PORTS="30000-30007").legs

    assert (only.name, str(only.sip), str(only.health)) == (
        "sip",
        "127.0.0.1:5060",
        "127.0.0.1:8092",
    )
    assert only.rtp == (30000, 30007)


@pytest.mark.parametrize("count", range(2, MOST + 1))
def test_no_two_legs_have_a_port_in_common(count: int) -> None:
    """Each region of sound begins with an even port, and all are of one size."""
    legs = layout(SIP_LEGS=str(count), RTP_PORTS="20001-20999").legs

    assert [leg.name for leg in legs] == ["sip", *(f"sip-{n}" for n in range(2, count + 1))]
    assert all(is_leg(leg.name) for leg in legs)
    for one, other in combinations(legs, 2):
        assert not set(one.addresses) & set(other.addresses)
        assert one.rtp[1] < other.rtp[0]
    assert {leg.rtp[0] % 2 for leg in legs} == {0}
    assert len({leg.rtp[1] - leg.rtp[0] for leg in legs}) == 1
    assert 20001 <= legs[0].rtp[0] < legs[-1].rtp[1] <= 20999


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"SIP_LEGS": "0"}, "is not a number of SIP legs, 1 to 8"),
        ({"SIP_LEGS": "9"}, "is not a number of SIP legs, 1 to 8"),
        ({"SIP_LEGS": "two"}, "is not a number of SIP legs, 1 to 8"),
        ({"SIP_LEGS": "2", "SIP_LEG": "livekit-sip"}, "only the embedded leg runs more than once"),
        ({"SIP_LEGS": "4", "RTP_PORTS": "20000-20063"}, "leaves 16 to each of 4 SIP legs"),
        ({"SIP_LEGS": "2", "SIP_LISTEN": "127.0.0.1:65530"}, "65540, which is not a port"),
        ({"SIP_LEGS": "2", "SIP_LISTEN": "127.0.0.1:8080"}, "that of SWITCHBOARD_GATEWAY_LISTEN"),
        ({"SIP_LEGS": "2", "SIP_HEALTH": "127.0.0.1:8071"}, "one of SWITCHBOARD_WORKER_PORTS"),
        ({"SIP_LEGS": "2", "SIP_HEALTH": "127.0.0.1:5070"}, "5070, which is that of SIP leg sip"),
        ({"SIP_LEGS": "3", "SIP_LISTEN": "127.0.0.1:19985"}, "20005, which is the RTP ports"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(env: dict[str, str], said: str) -> None:
    """Before anything is started."""
    with pytest.raises(LayoutError) as wrong:
        layout(**env)

    assert any(said in problem for problem in wrong.value.problems), wrong.value.problems


def test_each_is_a_service_of_its_own_with_a_name_and_ports() -> None:
    made = layout(SIP_LEGS="2")
    found = [one for one in services(made, KEYS) if is_leg(one.name)]

    assert [one.name for one in found] == ["sip", "sip-2"]
    assert [one.address for one in found] == ["sip:127.0.0.1:5060", "sip:127.0.0.1:5070"]
    assert [one.env["SWITCHBOARD_SIP_NAME"] for one in found] == ["sip", "sip-2"]
    ranges = [one.env["SWITCHBOARD_RTP_PORTS"] for one in found]
    assert ranges == ["20000-20499", "20500-20999"]
    assert not set(found[0].ports) & set(found[1].ports)


def test_a_machine_of_several_may_call_its_legs_otherwise() -> None:
    """On a Redis that other machines use as well; their services are named as everywhere."""
    legs = layout(SIP_LEGS="2", SIP_NAME="hamburg").legs

    assert [(leg.name, leg.called) for leg in legs] == [("sip", "hamburg"), ("sip-2", "hamburg-2")]


def test_status_finds_how_many_run_and_shows_where_each_is_dialled(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Asked in a terminal that knows nothing of what was said to `up`."""
    running = [{"name": name} for name in ("redis", "sip", "sip-2", "gateway")]
    found = as_it_runs(layout(), running)
    status = Status(
        running=True,
        services=[],
        sip=str(found.sip),
        numbers=["+442079460100"],
        livekit="ws",
        console="http",
        dialplan={"file": "main.yaml", "revision": "r", "problems": []},
        leg="bridge",
        dial=[str(leg.sip.dialled()) for leg in found.legs],
    )
    show(status)
    shown = capsys.readouterr().out

    assert found.sip_legs == 2
    assert as_it_runs(layout(), []).sip_legs == 1
    assert "SIP leg    bridge, 2 of them" in shown
    assert "Dial     sip:+442079460100@127.0.0.1:5060\n" in shown
    assert "         sip:+442079460100@127.0.0.1:5070\n" in shown
    one = replace(status, dial=status.dial[:1])
    show(one)
    assert "of them" not in capsys.readouterr().out
