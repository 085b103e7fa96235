"""Planning is a value; applying it makes the server agree, and twice changes nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from livekit.protocol.sip import SIPDispatchRuleInfo, SIPInboundTrunkInfo

from sip.apply import apply
from sip.objects import Existing, Wanted, prefix_of
from sip.plan import Plan, make_plan
from sip.render import Rendering, render
from sip.show import as_json, as_text
from tests.fakes.livekit_objects import FakeObjects
from tests.sip.provision.plans import NUMBERS, loaded, plan_text

TRUNKS = ("one", "two", "three", "four")
homes = st.dictionaries(st.sampled_from(NUMBERS), st.sampled_from(TRUNKS), min_size=1, max_size=12)
ONE, TWO, THREE = NUMBERS[:3]


def wanted(found: dict[str, str], *, outbound: tuple[str, ...] = ()) -> list[Wanted]:
    return render(loaded(plan_text(found, outbound=outbound)), Rendering("main", {}))


async def planned(server: FakeObjects, asked: list[Wanted]) -> Plan:
    return make_plan(asked, await server.fetch(), prefix_of("main"))


async def carried_out(server: FakeObjects, asked: list[Wanted]) -> list[str]:
    plan = await planned(server, asked)
    there = await server.fetch()
    return [f"{s.action} {s.name}" async for s in apply(plan, server, there)]


@settings(max_examples=120, deadline=None)
@given(first=homes, second=homes, dialling=st.sets(st.sampled_from(TRUNKS)))
async def test_after_apply_there_is_nothing_left_to_do(
    first: dict[str, str], second: dict[str, str], dialling: set[str]
) -> None:
    """From any dialplan to any other, whatever moves between trunks, the server never refuses a
    step, and the plan made afterwards is empty."""
    server = FakeObjects()
    await carried_out(server, wanted(first))
    goal = wanted(second, outbound=tuple(sorted(dialling)))
    await carried_out(server, goal)

    assert (await planned(server, goal)).steps == ()
    assert sorted(e.name for e in await server.fetch()) == sorted(w.name for w in goal)


@settings(max_examples=60, deadline=None)
@given(first=homes, second=homes, stop_after=st.integers(0, 8))
async def test_stopping_half_way_is_safe(
    first: dict[str, str], second: dict[str, str], stop_after: int
) -> None:
    """After any step no rule is without a trunk, and going on from there reaches the goal."""
    server = FakeObjects()
    await carried_out(server, wanted(first))
    goal = wanted(second)
    there = await server.fetch()
    steps = apply(await planned(server, goal), server, there)
    for _ in range(stop_after):
        if await anext(steps, None) is None:
            break
    await steps.aclose()
    for existing in await server.fetch():
        if isinstance(existing.message, SIPDispatchRuleInfo):
            assert existing.message.trunk_ids
    await carried_out(server, goal)

    assert (await planned(server, goal)).steps == ()


async def test_the_second_apply_calls_the_server_for_nothing() -> None:
    server = FakeObjects()
    await carried_out(server, wanted({ONE: "one"}))
    before = server.calls

    assert await carried_out(server, wanted({ONE: "one"})) == []
    assert server.calls == before


async def test_a_change_made_by_hand_is_shown_and_put_right() -> None:
    """Drift: somebody opened the trunk to the world on the server."""
    server = FakeObjects()
    goal = wanted({ONE: "one"})
    await carried_out(server, goal)
    trunk = next(e for e in await server.fetch() if e.kind == "inbound")
    edited = SIPInboundTrunkInfo()
    edited.CopyFrom(trunk.message)  # type: ignore[arg-type]
    edited.allowed_addresses.append("0.0.0.0/0")
    await server.replace(trunk.id, edited)

    plan = await planned(server, goal)

    assert "allowed_addresses: 0.0.0.0/0, 192.0.2.0/28 → 192.0.2.0/28" in as_text(plan)
    assert await carried_out(server, goal) == ["update switchboard/main/inbound/one"]


async def test_strangers_are_listed_and_left_alone() -> None:
    """Also one that looks like ours but belongs to a plan of another name."""
    server = FakeObjects()
    for name in ("someone's", "switchboard/other/inbound/one"):
        number = f"+3319900{len(server.objects)}"
        await server.create(SIPInboundTrunkInfo(name=name, numbers=[number]))
    before = {i: e.message.SerializeToString() for i, e in server.objects.items()}
    await carried_out(server, wanted({ONE: "one"}))
    plan = await planned(server, [])
    await carried_out(server, [])

    assert {e.name for e in plan.strangers} == {"someone's", "switchboard/other/inbound/one"}
    assert {i: e.message.SerializeToString() for i, e in server.objects.items()} == before


async def test_a_number_on_a_strangers_trunk_is_a_conflict_with_its_name() -> None:
    """Said before anything is changed, rather than met half way."""
    server = FakeObjects()
    await server.create(SIPInboundTrunkInfo(name="old pbx", numbers=[ONE[1:]]))

    plan = await planned(server, wanted({ONE: "one"}))

    (conflict,) = plan.conflicts
    assert conflict.startswith(f"{ONE} is already on the trunk 'old pbx' (ST_0001)")


async def test_a_strangers_trunk_for_all_numbers_may_stay() -> None:
    """The server has one such trunk at the most: ours is left out, and all else is done."""
    server = FakeObjects()
    await server.create(SIPInboundTrunkInfo(name="someone's"))
    await carried_out(server, wanted({ONE: "one"}))
    names = {e.name for e in await server.fetch()}

    assert names == {"someone's", "switchboard/main/inbound/one", "switchboard/main/rule/one"}
    assert (await planned(server, wanted({ONE: "one"}))).steps == ()


async def test_two_plans_on_one_server_share_the_trunk_for_all_numbers() -> None:
    """Whoever came first has it."""
    server = FakeObjects()
    await carried_out(server, wanted({ONE: "one"}))
    other = render(loaded(plan_text({TWO: "two"})), Rendering("other", {}))
    plan = make_plan(other, await server.fetch(), prefix_of("other"))
    async for _ in apply(plan, server, await server.fetch()):
        pass
    names = {e.name for e in await server.fetch()}

    assert {name for name in names if name.endswith("/*")} == {
        "switchboard/main/inbound/*",
        "switchboard/main/rule/*",
    }
    assert "switchboard/other/inbound/two" in names


async def test_a_strangers_rule_without_trunk_is_warned_about() -> None:
    rule = SIPDispatchRuleInfo(name="demo", sip_dispatch_rule_id="SDR_x")
    plan = make_plan([], [Existing("rule", "SDR_x", "demo", rule)], prefix_of("main"))

    assert "lets calls in from any address" in plan.warnings[0]


async def test_a_sweeping_change_is_noticed_from_ten_objects_on() -> None:
    """An empty or wrong file would take everything down: that needs to be meant."""
    server = FakeObjects()
    many = {number: f"t{i}" for i, number in enumerate(NUMBERS[:6])}
    await carried_out(server, wanted(many))

    assert (await planned(server, [])).sweeping
    assert not (await planned(server, wanted({**many, NUMBERS[7]: "t0"}))).sweeping


async def test_one_of_two_objects_with_the_same_name_goes() -> None:
    """Two people applied at the same moment."""
    server = FakeObjects()
    goal = wanted({ONE: "one"})
    await carried_out(server, goal)
    twin = SIPInboundTrunkInfo(name="switchboard/main/inbound/one", numbers=[TWO])
    await server.create(twin)

    assert await carried_out(server, goal) == ["delete switchboard/main/inbound/one"]


async def test_a_password_is_never_shown() -> None:
    """Neither in the text nor in the JSON, old or new."""
    text = plan_text({ONE: "one"}).replace('allow: ["192.0.2.0/28"]', "auth: env:PHONE")
    server = FakeObjects()
    for password in ("first-secret", "other-secret"):
        goal = render(loaded(text), Rendering("main", {"PHONE": f"ann:{password}@sip.example.com"}))
        plan = await planned(server, goal)
        shown = as_text(plan) + str(as_json(plan))
        await carried_out(server, goal)

        assert "secret" not in shown
    assert "auth_password: ••• → ••• (another)" in shown
