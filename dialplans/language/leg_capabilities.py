"""What a SIP leg cannot do of what a plan asks for.

The leg in use is told in Redis, for whoever looks at a plan: `check --running`, `up`, `status` and
`doctor` only compare. Ours says it itself; for LiveKit's, which knows nothing of us, whoever keeps
its trunks in step does (`python -m sip`). All that the two do differently is in
`dialplans.language.leg_comparison`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from dialplans.language.build import Path, place_of
from dialplans.language.load import Loaded
from dialplans.language.problems import Problem, in_order
from dialplans.model import Dialplan, Reject, Trunk

IN_FORCE = "switchboard:leg"
"""Where the leg in use is told, with what it cannot do."""
SAID_FOR_S = 10
"""It is told again and again: a leg that is gone is soon not spoken of any more."""
PRESENT = "switchboard:legs"
"""A hash of those that are there, each a `LegPresent` under its name."""
ANY_VALUE = "*"
"""In `cannot`: whatever the key's value is, as long as it has one."""
BUSY_HERE = 486
"""What LiveKit's leg makes of every refusal."""
ASKING_FOR_SECRETS = frozenset({"billing"})
"""Shipped personas with sealed steps; others have them by extending one."""


class LegPresent(msgspec.Struct, frozen=True):
    """One of the embedded legs that share a Redis. `at` is its address for SIP, `ports` are those
    of its services. `takes` while it takes calls out, `leads` if it registers accounts."""

    name: str
    at: str
    ports: tuple[int, ...] = ()
    takes: bool = True
    leads: bool = False


class Leg(msgspec.Struct, frozen=True):
    """`cannot` has a trunk's keys, for each the values that are beyond it, and what that means;
    `lacks` the names of `ASKED`, and what that means. `instead` is the leg to try."""

    name: str
    cannot: Mapping[str, Mapping[str, str]]
    lacks: Mapping[str, str] = {}
    instead: str = ""

    @property
    def advice(self) -> str:
        return f"start with `switchboard up --sip {self.instead}`, or ask for less"

    def problem(self, trunk: Trunk) -> str:
        """What this trunk asks for in vain; empty if there is nothing."""
        return "; ".join(says for _, says in self.problems(trunk))

    def problems(self, trunk: Trunk) -> Iterator[tuple[str, str]]:
        for key, values in self.cannot.items():
            value = getattr(trunk, key, None)
            says = values.get(str(value)) or (values.get(ANY_VALUE) if value else None)
            if says:
                yield key, says


EMBEDDED = Leg(
    "bridge",
    {
        "srtp": {},
        "transport": {},
        "dtmf": {},
    },
    instead="livekit-sip",
)
LIVEKIT_SIP = Leg(
    "livekit-sip",
    {
        "trusted": {
            "True": "livekit-sip hands on no P-Asserted-Identity: who withholds a number is nobody"
        },
        "transfers": {
            ANY_VALUE: "livekit-sip answers a telephone's REFER with 405: it transfers nobody"
        },
        "tells": {ANY_VALUE: "livekit-sip tells a carrier nothing of whom it rings somebody for"},
        "dtmf": {
            "inband": "livekit-sip hears no tones: keys that come in the sound are never pressed"
        },
    },
    {
        "reject": f"livekit-sip refuses with {BUSY_HERE} only; the code is in the record alone",
        "account": "livekit-sip registers nowhere: no call comes in by this account",
        "telephones": "livekit-sip is no registrar: this telephone is never rung",
        "seats": "livekit-sip is no registrar: this person is rung in the console alone",
        "sealed": "livekit-sip seals nothing: whoever listens in hears and reads the secret",
    },
    instead="bridge",
)
WITHOUT_TLS = Leg(
    EMBEDDED.name,
    EMBEDDED.cannot,
    {
        **EMBEDDED.lacks,
        "tls_in": "the SIP leg listens for no TLS, so no call comes in on this trunk: "
        "set SWITCHBOARD_SIP_TLS_LISTEN with its certificate and key",
    },
    instead="livekit-sip",
)
"""The embedded one where nothing is set up for TLS; calls out go by it all the same."""

ANY = Leg("", {})
"""No leg is known: nothing is known to be beyond it."""


def _rejects(plan: Dialplan) -> Iterator[Path]:
    for route, rules in plan.routes.items():
        for index, rule in enumerate(rules):
            if isinstance(rule.do, Reject) and rule.do.reject != BUSY_HERE:
                yield ("routes", route, index, "do", "reject")


def _sealed_steps(plan: Dialplan) -> Iterator[Path]:
    for name in plan.personas:
        seen, based_on = {name}, name
        while based_on not in ASKING_FOR_SECRETS and based_on in plan.personas:
            based_on = plan.personas[based_on].extends or ""
            if based_on in seen:
                break
            seen.add(based_on)
        if based_on in ASKING_FOR_SECRETS:
            yield ("personas", name)


def _accounts(plan: Dialplan) -> Iterator[Path]:
    for name, trunk in plan.trunks.items():
        if trunk.account is not None:
            yield ("trunks", name, "register")


def _telephones(plan: Dialplan) -> Iterator[Path]:
    return (("telephones", name) for name in plan.telephones)


def _seats(plan: Dialplan) -> Iterator[Path]:
    return (("telephones", name, "person") for name, one in plan.telephones.items() if one.person)


def _tls_in(plan: Dialplan) -> Iterator[Path]:
    bringing = {number.trunk for number in plan.numbers.values()}
    for name, trunk in plan.trunks.items():
        # The calls of an account come by the connection that we made to register it.
        if trunk.transport == "tls" and name in bringing and trunk.account is None:
            yield ("trunks", name, "transport")


ASKED: Mapping[str, Callable[[Dialplan], Iterator[Path]]] = {
    "reject": _rejects,
    "sealed": _sealed_steps,
    "tls_in": _tls_in,
    "account": _accounts,
    "telephones": _telephones,
    "seats": _seats,
}
"""What a plan may ask for elsewhere than at its trunks, and where it does."""


def beyond(plan: Dialplan, leg: Leg) -> Iterator[tuple[Path, str]]:
    """Where the plan asks for what the leg cannot do, and what becomes of it."""
    for name, trunk in plan.trunks.items():
        for key, says in leg.problems(trunk):
            yield ("trunks", name, key), says
    for what, says in leg.lacks.items():
        for path in ASKED[what](plan) if what in ASKED else ():
            yield path, says


def sentences(plan: Dialplan, leg: Leg) -> list[str]:
    """One for each thing that is beyond the leg, with every place that asks for it."""
    places: dict[str, list[str]] = {}
    for path, says in beyond(plan, leg):
        places.setdefault(says, []).append(_place(path))
    return [f"{', '.join(where)}: {says}" for says, where in places.items()]


def _place(path: Path) -> str:
    part, name, *rest = path
    if part == "routes":
        return f"route {name}, rule {int(rest[0]) + 1}"
    return f"{str(part).removesuffix('s')} {name}" + "".join(f", {key}" for key in rest)


def with_leg(loaded: Loaded, leg: Leg) -> Loaded:
    """What `check --running` adds."""
    if loaded.plan is None:
        return loaded
    found = [
        Problem(place_of(loaded.tree, path), "W_LEG", says, leg.advice)
        for path, says in beyond(loaded.plan, leg)
    ]
    return replace(loaded, problems=in_order([*loaded.problems, *found])) if found else loaded


def running(redis_url: str) -> Leg:
    """The leg in use there. Raises OSError where nothing answers."""
    import redis  # half a second of start-up, which `check` needs with --running only

    try:
        with redis.Redis.from_url(redis_url, socket_timeout=1) as client:
            told = client.get(IN_FORCE)
    except redis.RedisError as error:
        raise OSError(str(error)) from error
    return msgspec.json.decode(bytes(told), type=Leg) if isinstance(told, bytes) else ANY


def legs_present(redis_url: str) -> list[LegPresent]:
    """The embedded legs that are there, by name. Raises OSError where nothing answers."""
    import redis

    try:
        with redis.Redis.from_url(redis_url, socket_timeout=1) as client:
            told: Any = client.hvals(PRESENT)
    except redis.RedisError as error:
        raise OSError(str(error)) from error
    found = [msgspec.json.decode(one, type=LegPresent) for one in told]
    return sorted(found, key=lambda leg: leg.name)
