"""Telephones register, over real sockets, and nobody else does."""

from __future__ import annotations

import asyncio

import pytest

from sip.bridge.admission.plan_in_force import addresses_of
from sip.bridge.transport.peers import Peers, Standing
from tests.sip.bridge.caller import phones
from tests.sip.bridge.registrar.conftest import PLAN, Office, opened, plan
from tests.sip.bridge.registrar.desk import desk, listed

pytestmark = pytest.mark.virtual_time(alone=True)


@pytest.mark.parametrize("only", ["", "MD5", "SHA-256"])
@pytest.mark.parametrize("tcp", [False, True])
async def test_a_telephone_registers_by_any_algorithm(office: Office, only: str, tcp: bool) -> None:
    """Both are offered, the better one first (RFC 8760 §2.3)."""
    async with desk(office.address, only=only, tcp=tcp) as ann:
        asked = await ann.ask((ann.contact,), {})
        offered = list(asked.headers.get("www-authenticate"))
        answer = await ann.ask((ann.contact,), {"Expires": "300"}, (ann.proof(asked),))

        assert asked.status_code == 401
        assert [o.rpartition("algorithm=")[2] for o in offered] == ["SHA-256", "MD5"]
        assert answer.status_code == 200
        assert list(listed(answer).values()) == [300]
        assert len(office.telephones.places("ann")[0]) == 1


async def test_a_wrong_password_and_an_unknown_name_are_told_the_same(office: Office) -> None:
    """Word for word, but for what is random in it: names cannot be found out."""
    told = []
    async with desk(office.address) as phone:
        for name, password in (("ann", "guess"), ("nobody", "guess"), ("bob", "word")):
            phone.name, phone.password, phone.call_id = name, password, f"c-{name}"
            first = await phone.ask((phone.contact,), {})
            last = await phone.register(phone.contact)
            asked = [o.partition("nonce=")[0] for o in first.headers.get("www-authenticate")]
            told.append((first.status_code, asked, last.status_code, last.reason_phrase))

    assert told[0][2] == 403
    assert told[0] == told[1] == told[2]
    assert office.kept == {}


async def test_a_telephone_registers_only_from_where_it_is_allowed(office: Office) -> None:
    async with desk(office.address, "127.0.0.7", name="bob", password="word") as bob:
        assert (await bob.register(bob.contact)).status_code == 200


async def test_who_tries_out_passwords_is_soon_not_answered(office: Office) -> None:
    """Not with the right one either, until it has been quiet for a while; others are heard."""
    async with desk(office.address, "127.0.0.5", password="guess") as thief:
        codes = [(await thief.register(thief.contact)).status_code for _ in range(10)]
        thief.password = "secret"
        silence = await thief.answered((thief.contact,), {})
        async with desk(office.address) as ann:
            other = await ann.register(ann.contact)
        await asyncio.sleep(30)
        again = await thief.register(thief.contact)

    assert codes == [403] * 10
    assert silence is None
    assert (other.status_code, again.status_code) == (200, 200)


async def test_without_telephones_there_is_no_registrar(office: Office) -> None:
    """405 as for any method that nobody here answers."""
    rest = PLAN.partition("telephones:")[0] + "numbers:\n  web: {language: en, route: all}\n"
    office.follow(plan(rest + "routes: {all: [{do: {reject: 486}}]}"))
    async with desk(office.address) as ann:
        answer = await ann.ask((ann.contact,), {})

    assert answer.status_code == 405
    assert "REGISTER" not in (answer.get_header("allow") or "")


async def test_who_leaves_the_plan_is_forgotten(office: Office) -> None:
    async with desk(office.address) as ann:
        await ann.register(ann.contact)
        office.follow(plan(PLAN.replace("ann:", "eve:").replace(": ann", ": eve")))

        assert office.kept["ann"] == ()
        assert (await ann.register(ann.contact)).status_code == 403


async def test_an_old_nonce_is_no_wrong_password(office: Office) -> None:
    """A telephone that proves itself with the nonce of before is asked again (RFC 7616 §3.3)."""
    async with desk(office.address) as ann:
        first = await ann.ask((ann.contact,), {})
        proof = ann.proof(first)
        assert (await ann.ask((ann.contact,), {}, (proof,))).status_code == 200
        again = await ann.ask((ann.contact,), {}, (proof,))
        last = await ann.register(ann.contact)

    assert again.status_code == 401
    assert all("stale=true" in each for each in again.headers.get("www-authenticate"))
    assert last.status_code == 200


async def test_a_telephone_may_ask_where_it_is_known_and_go(office: Office) -> None:
    """Without Contact nothing changes (§10.2.3); `*` with Expires 0 takes all away (§10.2.2)."""
    async with desk(office.address) as ann:
        await ann.register(f"{ann.contact};q=0.5", "<sip:ann@192.0.2.9>;q=0.9;expires=120")
        known = await ann.register()
        bad = await ann.register("*", Expires="60")
        gone = await ann.register("*", Expires="0")

    assert listed(known) == {ann.contact: 600, "<sip:ann@192.0.2.9>": 120}
    assert bad.status_code == 400
    assert (gone.status_code, listed(gone)) == (200, {})
    assert office.telephones.places("ann") == []


async def test_those_who_are_wanted_most_are_rung_first(office: Office) -> None:
    async with desk(office.address) as ann:
        await ann.register("<sip:a@192.0.2.1>;q=0.5, <sip:b@192.0.2.2>", "<sip:c@192.0.2.3>;q=0.5")
        groups = [[place.uri for place in group] for group in office.telephones.places("ann")]

    assert groups == [["sip:b@192.0.2.2"], ["sip:a@192.0.2.1", "sip:c@192.0.2.3"]]


@pytest.mark.parametrize(
    ("headers", "code", "name", "value"),
    [
        ({"Expires": "59"}, 423, "min-expires", "60"),
        ({"Require": "gruu"}, 420, "unsupported", "gruu"),
        ({"Require": "path", "Path": "<sip:edge.example;lr>"}, 200, "path", None),
        (
            {"Supported": "path, outbound", "Path": "<sip:edge.example;lr>"},
            200,
            "path",
            "<sip:edge.example;lr>",
        ),
    ],
)
async def test_what_a_telephone_asks_for_beside(
    office: Office, headers: dict[str, str], code: int, name: str, value: str | None
) -> None:
    async with desk(office.address) as ann:
        answer = await ann.register(ann.contact, **headers)

    assert (answer.status_code, answer.get_header(name)) == (code, value)


async def test_calls_go_by_the_path_that_the_register_came(office: Office) -> None:
    """RFC 3327: to the proxy that is next to us, with the telephone behind it."""
    async with desk(office.address) as ann:
        path = "<sip:192.0.2.50:5070;lr>, <sip:far.example;lr>"
        await ann.register("<sip:ann@10.0.0.9>", Supported="path", Path=path)
        place = office.telephones.places("ann")[0][0]

    assert place.uri == "sip:ann@10.0.0.9"
    assert place.address == ("192.0.2.50", 5070)
    assert place.routes == ("<sip:192.0.2.50:5070;lr>", "<sip:far.example;lr>")


async def test_a_telephone_behind_a_router_is_rung_where_it_came_from(office: Office) -> None:
    """Its contact has an address of its own network, which leads nowhere here."""
    async with desk(office.address) as ann:
        await ann.register("<sip:ann@192.168.7.7:5062>")
        place = office.telephones.places("ann")[0][0]
        port = ann.line.endpoint.transport.address[1]

    assert place.uri == "sip:ann@192.168.7.7:5062"
    assert place.address == ("127.0.0.1", port)


async def test_over_tcp_calls_go_over_the_connection_and_end_with_it(office: Office) -> None:
    async with desk(office.address, tcp=True) as ann:
        await ann.register(ann.contact)
        place = office.telephones.places("ann")[0][0]
    await asyncio.sleep(0.1)

    assert place.flow is not None
    assert office.telephones.places("ann") == []
    assert office.kept["ann"] == ()


async def test_a_leg_that_starts_again_knows_where_telephones_are(office: Office) -> None:
    async with desk(office.address) as ann:
        await ann.register(ann.contact)
        async with phones() as line:
            later = await opened(line, dict(office.kept))
            before, after = office.telephones.places("ann"), later.telephones.places("ann")
            await later.telephones.aclose()

    assert before == after != []


async def test_a_telephone_of_another_leg_is_looked_up(office: Office) -> None:
    """Legs share what Redis has; who is not in the plan is not looked for."""
    async with desk(office.address) as ann, phones() as line:
        other = await opened(line, office.kept)
        await ann.register(ann.contact)
        before = other.telephones.places("ann")
        office.kept["eve"] = office.kept["ann"]
        for name in ("ann", "eve"):
            await other.telephones.look_up(name)
        await other.telephones.aclose()

        assert before == []
        assert other.telephones.places("ann") == office.telephones.places("ann")
        assert other.telephones.places("eve") == []


async def test_who_has_proved_itself_is_no_stranger(office: Office) -> None:
    """A telephone that may come from anywhere makes strangers heard, and is none from then on."""
    peers = Peers(lambda: addresses_of(plan()))
    office.line.endpoint.guard.peers = peers
    async with desk(office.address, "127.0.0.6") as ann:
        before = peers.standing("127.0.0.6")
        await ann.register(ann.contact)

    assert before is Standing.STRANGER
    assert peers.standing("127.0.0.6") is Standing.TRUNK


@pytest.mark.parametrize(
    ("host", "standing"),
    [
        ("127.0.0.7", Standing.TRUNK),
        ("127.0.0.6", Standing.SHUT_OUT),
    ],
)
def test_telephones_that_name_addresses_open_no_door_to_others(
    host: str, standing: Standing
) -> None:
    ann = 'ann: {password: "env:ANN"'
    only_bob = plan(PLAN.replace(ann, f'{ann}, allow: ["127.0.0.8/32"]'))

    assert Peers(lambda: addresses_of(only_bob)).standing(host) is standing
