"""What a SIP leg cannot do of what a plan's trunks ask for.

The leg that runs says so in Redis, for whoever looks at a plan: `check --running`, `up`, `status`
and `doctor` only compare. LiveKit's own leg says nothing, because there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec

from dialplans.language.build import Path, place_of
from dialplans.language.load import Loaded
from dialplans.language.problems import Problem, in_order
from dialplans.model import Dialplan, Trunk

IN_FORCE = "switchboard:leg"
"""Where the leg that runs says what it cannot do."""
SAID_FOR_S = 10
"""It says so again and again: a leg that is gone is soon not spoken of any more."""
ADVICE = "start with `switchboard up --sip livekit-sip`, or ask for less"


class Leg(msgspec.Struct, frozen=True):
    """`cannot` has a trunk's keys, for each the values that are beyond it, and what that means."""

    name: str
    cannot: Mapping[str, Mapping[str, str]]

    def problem(self, trunk: Trunk) -> str:
        """What this trunk asks for in vain; empty if there is nothing."""
        return "; ".join(says for _, says in self.problems(trunk))

    def problems(self, trunk: Trunk) -> Iterator[tuple[str, str]]:
        for key, values in self.cannot.items():
            says = values.get(str(getattr(trunk, key, "")))
            if says:
                yield key, says


EMBEDDED = Leg(
    "bridge",
    {
        "srtp": {"required": "the embedded SIP leg encrypts no sound: no call passes this trunk"},
        "transport": {"tls": "the embedded SIP leg speaks no TLS: no call passes this trunk"},
    },
)
ANY = Leg("", {})
"""Nothing is known to be beyond it."""


def beyond(plan: Dialplan, leg: Leg) -> Iterator[tuple[Path, str]]:
    """Where the plan asks for what the leg cannot do, and what becomes of it."""
    for name, trunk in plan.trunks.items():
        for key, says in leg.problems(trunk):
            yield ("trunks", name, key), says


def sentences(plan: Dialplan, leg: Leg) -> list[str]:
    return [f"trunk {path[1]}, {path[2]}: {says}" for path, says in beyond(plan, leg)]


def with_leg(loaded: Loaded, leg: Leg) -> Loaded:
    """What `check --running` adds."""
    if loaded.plan is None:
        return loaded
    found = [
        Problem(place_of(loaded.tree, path), "W_LEG", says, ADVICE)
        for path, says in beyond(loaded.plan, leg)
    ]
    return replace(loaded, problems=in_order([*loaded.problems, *found])) if found else loaded


def running(redis_url: str) -> Leg:
    """The leg that runs there. Raises OSError where nothing answers."""
    import redis  # half a second of start-up, which `check` needs with --running only

    try:
        with redis.Redis.from_url(redis_url, socket_timeout=1) as client:
            told = client.get(IN_FORCE)
    except redis.RedisError as error:
        raise OSError(str(error)) from error
    return msgspec.json.decode(bytes(told), type=Leg) if isinstance(told, bytes) else ANY
