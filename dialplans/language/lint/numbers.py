"""Numbers that are written twice or have no trunk, trunks that LiveKit would refuse or mistake, and
calls out that could not go anywhere."""

from __future__ import annotations

from collections.abc import Iterator

from dialplans.language.build import Path
from dialplans.language.lint.view import View
from dialplans.language.problems import Problem
from dialplans.model import is_internal
from dialplans.telephony.numbers import normalise
from dialplans.telephony.wildcards import covers, matches


def check(view: View) -> Iterator[Problem]:
    yield from _numbers(view)
    yield from _conflicts(view)
    yield from _open(view)
    yield from _idle(view)
    yield from _accounts(view)
    yield from _outbound(view)


def _numbers(view: View) -> Iterator[Problem]:
    plan = view.written
    for name, patterns in plan.lists.items():
        yield from _covered(view, ("lists", name), patterns)
    yield from _covered(view, ("limits", "dial_out"), plan.limits.dial_out)
    if not plan.numbers:
        said = "no number is ours: this plan answers no call"
        yield Problem(view.tree.place, "W_NO_NUMBERS", said, "add numbers:")
    for key, number in plan.numbers.items():
        if is_internal(key):
            yield from _internal(view, key)
        elif number.trunk is None and not key.startswith("web"):
            hint = f"known: {', '.join(plan.trunks)}" if plan.trunks else "add trunks:"
            said = f"'{key}' has no trunk that could bring its calls"
            yield view.of(("numbers", key), "E_MISSING", said, hint)


def _internal(view: View, key: str) -> Iterator[Problem]:
    """A short number is what the company's telephones call."""
    if view.written.numbers[key].trunk is not None:
        said = f"'{key}' is a number for the company's telephones: no trunk brings its calls"
        hint = "leave trunk out, or write the number with + and the country"
        yield view.at(("numbers", key, "trunk"), "E_VALUE", said, hint)
    if not any(each.may_call(key) for each in view.written.telephones.values()):
        said = f"no telephone may call '{key}'"
        yield view.of(("numbers", key), "E_MISSING", said, f'add calls: ["{key}"] to a telephone')


def _covered(view: View, path: Path, patterns: tuple[str, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    prefixes = {p for p in patterns if p.endswith("*")}
    for n, pattern in enumerate(patterns):
        stem = pattern.rstrip("*")
        wider = [f"{stem[:i]}*" for i in range(len(stem) + 1) if f"{stem[:i]}*" in prefixes]
        wider = [w for w in wider if w != pattern and covers(w, pattern)]
        if pattern in seen:
            yield view.at((*path, n), "W_DUPLICATE", f"'{pattern}' is written twice", "remove one")
        elif wider:
            said = f"'{wider[0]}' already covers '{pattern}'"
            yield view.at((*path, n), "W_DUPLICATE", said, "remove one of the two")
        seen.add(pattern)


def _conflicts(view: View) -> Iterator[Problem]:
    """A trunk with senders but without numbers takes any number: two of them match one call, and
    LiveKit then answers every call with 503."""
    plan = view.written
    named = {number.trunk for number in plan.numbers.values()}
    listening = [n for n, t in plan.trunks.items() if n not in named and t.allow]
    for name in listening[1:]:
        said = f"neither '{name}' nor '{listening[0]}' has numbers: LiveKit would match both"
        hint = "give each a number, or leave only outbound"
        yield view.of(("trunks", name), "E_TRUNK_CONFLICT", said, hint)
    for name, trunk in plan.trunks.items():
        path = ("trunks", name)
        if name not in named and name not in listening and not trunk.dials:
            yield view.of(path, "W_TRUNK", f"no number comes through '{name}', and it cannot dial")


def _open(view: View) -> Iterator[Problem]:
    plan = view.written
    named = {number.trunk for number in plan.numbers.values()}
    for name, trunk in plan.trunks.items():
        wide = [a for a in trunk.allow if a.endswith("/0")]
        if wide and trunk.auth is None:
            at = ("trunks", name, "allow", trunk.allow.index(wide[0]))
            said = "anybody could send calls through this trunk"
            yield view.at(at, "E_TRUNK_OPEN", said, "name the carrier's addresses, or add auth")
        known = trunk.allow or trunk.auth is not None or trunk.account is not None
        if name in named and not known:
            said = f"'{name}' brings numbers, and anybody could send calls through it"
            yield view.of(("trunks", name), "E_TRUNK_OPEN", said, "add allow: [ADDRESS] or auth")
        if trunk.srtp == "required" and trunk.transport != "tls":
            by = "udp" if trunk.transport == "auto" else trunk.transport
            said = f"over {by} the keys of the encrypted sound travel readable"
            yield view.at(("trunks", name, "srtp"), "W_SRTP", said, "write transport: tls")


def _idle(view: View) -> Iterator[Problem]:
    """What is said about calls in, of a trunk that brings none."""
    plan = view.written
    named = {number.trunk for number in plan.numbers.values()}
    for name, trunk in plan.trunks.items():
        for key in ("trusted", "country"):
            if name not in named and getattr(trunk, key):
                said = f"no number comes through '{name}', so '{key}' has nothing to act on"
                yield view.at(("trunks", name, key), "W_TRUNK", said, "give it a number")


def _accounts(view: View) -> Iterator[Problem]:
    """One account is in one place: of two that register it the server knows the last."""
    seen: dict[tuple[str, str], str] = {}
    for name, trunk in view.written.trunks.items():
        if trunk.account is None:
            continue
        account = (trunk.account.server.lower(), trunk.account.user)
        other = seen.setdefault(account, name)
        if other != name:
            said = f"'{other}' registers as {account[1]} at {account[0]} already"
            hint = "give both numbers to one trunk, or use another account"
            yield view.at(("trunks", name, "register"), "E_REGISTER", said, hint)


def _outbound(view: View) -> Iterator[Problem]:
    plan = view.written
    for name, target in plan.targets.items():
        path = ("targets", name)
        trunk = plan.trunks.get(target.via or "")
        if trunk is not None and not trunk.dials:
            said = f"trunk '{target.via}' says nowhere where calls out go"
            hint = f"add outbound: HOST to trunk '{target.via}'"
            yield view.at((*path, "via"), "E_OUTBOUND", said, hint)
        if target.telephone is not None:
            continue
        field, number = ("dial", target.dial) if target.dial else ("refer", _dialled(target.refer))
        if number is None:
            continue
        if not any(matches(p, number) for p in plan.limits.dial_out):
            said = f"'{number}' is not among the numbers that may be dialled"
            yield view.at((*path, field), "E_DIAL_OUT", said, "add it to limits: {dial_out: […]}")
        if number in plan.numbers:
            said = f"'{number}' is our own number: the call would come back to us"
            yield view.at((*path, field), "E_LOOP", said, "use its route's action instead")


def _dialled(uri: str | None) -> str | None:
    """The number that a carrier would dial for us; an extension behind a telephone system is
    none."""
    return normalise(uri, "") if uri is not None else None
