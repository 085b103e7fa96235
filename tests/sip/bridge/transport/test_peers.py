"""Who is a stranger: by the trunks of the moment, the calls that are up and passwords given."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from dialplans.language.load import load_text
from sip.bridge.admission.plan_in_force import addresses_of
from sip.bridge.transport.peers import PROVED_SECONDS, Peers, Standing, TrunkAddresses

ON_THE_LINE, TRUNK = Standing.ON_THE_LINE, Standing.TRUNK
STRANGER, SHUT_OUT = Standing.STRANGER, Standing.SHUT_OUT

HERE = "192.0.2.7"
ELSEWHERE = "203.0.113.9"
NAMED = TrunkAddresses.of([["192.0.2.0/24"]])
OPEN = TrunkAddresses.of([["192.0.2.0/24"], []])


@dataclass
class Now:
    """The trunks and the time, for a test to move."""

    trunks: TrunkAddresses | None
    time: float = 0.0

    def peers(self) -> Peers:
        return Peers(lambda: self.trunks, clock=lambda: self.time)


PLAN = """
version: 1
timezone: Europe/London
trunks:
{trunks}
numbers:
  "+442079460100": {{trunk: one, language: en, route: all}}
routes:
  all: [{{do: {{reject: 486}}}}]
"""


def planned(*trunks: str) -> TrunkAddresses:
    text = PLAN.format(trunks="\n".join(f"  {trunk}" for trunk in trunks))
    loaded = load_text(text)
    assert loaded.plan is not None, loaded.problems
    return addresses_of(loaded.plan)


@pytest.mark.parametrize(
    ("trunks", "standing"),
    [
        pytest.param(['one: {allow: ["192.0.2.0/24"]}'], SHUT_OUT, id="named"),
        pytest.param(['one: {auth: "env:A"}'], STRANGER, id="by password"),
        pytest.param(['one: {allow: ["192.0.2.0/24"], auth: "env:A"}'], SHUT_OUT, id="both"),
        pytest.param(
            ['one: {allow: ["192.0.2.0/24"]}', "two: {outbound: sip.example}"],
            SHUT_OUT,
            id="a trunk that only dials takes no calls",
        ),
        pytest.param(
            ['one: {allow: ["192.0.2.0/24"]}', 'two: {auth: "env:A"}'],
            SHUT_OUT,
            id="nor does one without numbers",
        ),
        pytest.param(
            ['one: {allow: ["0.0.0.0/0"], auth: "env:A"}'], STRANGER, id="everybody is nobody"
        ),
        pytest.param(
            ['one: {allow: ["0.0.0.0/1", "128.0.0.0/1"], auth: "env:A"}'],
            STRANGER,
            id="nor are two halves of the world",
        ),
    ],
)
def test_the_dialplan_says_who_is_a_stranger(trunks: list[str], standing: Standing) -> None:
    """Where every trunk that takes calls names addresses, others are not heard at all."""
    found = planned(*trunks)

    assert Peers(lambda: found).standing(ELSEWHERE) is standing


def test_addresses_of_all_trunks_are_peers() -> None:
    found = planned(
        'one: {allow: ["192.0.2.0/24"]}',
        'two: {allow: ["198.51.100.4/32", "2001:db8::/48"], outbound: sip.example}',
    )
    peers = Peers(lambda: found)

    hosts = (HERE, "198.51.100.4", "::ffff:192.0.2.9", "2001:db8::5", "198.51.100.5", "2001:db9::")
    assert [peers.standing(host) for host in hosts] == [TRUNK] * 4 + [SHUT_OUT] * 2


def test_without_a_plan_everybody_counts_as_a_trunk() -> None:
    """Trunks that somebody made through LiveKit's API are not known here."""
    assert Now(None).peers().standing(ELSEWHERE) is TRUNK


def test_a_trunk_of_a_new_revision_is_at_once_no_stranger_and_one_that_went_is_one() -> None:
    now = Now(NAMED)
    peers = now.peers()
    before = [peers.standing(host) for host in (HERE, ELSEWHERE)]
    now.trunks = TrunkAddresses.of([["203.0.113.0/24"]])

    assert before == [TRUNK, SHUT_OUT]
    assert [peers.standing(host) for host in (HERE, ELSEWHERE)] == [SHUT_OUT, TRUNK]


def test_whoever_a_call_of_ours_is_with_is_heard() -> None:
    """A carrier that is dialled by name, and is on no trunk's list; until the last call ends."""
    peers = Now(NAMED).peers()
    found = []
    for step in (peers.hold, peers.hold, peers.release, peers.release):
        step(ELSEWHERE)
        found.append(peers.standing(ELSEWHERE))

    assert found == [ON_THE_LINE, ON_THE_LINE, ON_THE_LINE, SHUT_OUT]


def test_a_password_makes_a_peer_for_an_hour() -> None:
    now = Now(OPEN)
    peers = now.peers()
    peers.proved(ELSEWHERE)
    found = []
    for at in (0.0, PROVED_SECONDS - 1, PROVED_SECONDS):
        now.time = at
        found.append(peers.standing(ELSEWHERE))

    assert found == [TRUNK, TRUNK, STRANGER]


def test_all_who_must_be_heard_are_named_to_the_kernel() -> None:
    peers = Now(OPEN).peers()
    told: list[bool] = []
    peers.on_change = lambda: told.append(True)
    peers.hold("203.0.113.1")
    peers.hold("203.0.113.1")
    peers.proved("203.0.113.2")
    networks = peers.networks()

    assert networks is not None
    assert sorted(map(str, networks)) == ["192.0.2.0/24", "203.0.113.1/32", "203.0.113.2/32"]
    assert len(told) == 2
