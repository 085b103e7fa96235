"""The accounts of the plan in force are those that are registered, and calls find theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiosipua.message import SipRequest

from dialplans.language.load import load_text
from dialplans.model import Dialplan
from sip.bridge.registration.registrations import Registrations
from sip.bridge.signalling.message import Request, check
from sip.bridge.signalling.reading.parse import parse
from tests.fakes.flow import flow_of
from tests.sip.bridge.caller import Phones
from tests.sip.bridge.registration.account import until
from tests.sip.bridge.registration.registrar import Registrar, registrar, user_of

pytestmark = pytest.mark.virtual_time(alone=True)

PLAN = """
version: 1
timezone: Europe/Berlin
trunks:
{trunks}
numbers:
{numbers}
  "+493023125999": {{trunk: static, route: all}}
routes:
  all: [{{do: {{reject: 486}}}}]
"""
STATIC = '  static: {allow: ["127.0.0.1/32"]}'
NUMBERS = ("+493023125100", "+493023125200", "+493023125300")


def plan(*accounts: str) -> Dialplan:
    """`accounts` are named box0, box1, … and bring the numbers of the same place."""
    trunks = "\n".join([f"  box{n}: {{{a}}}" for n, a in enumerate(accounts)] + [STATIC])
    brought = enumerate(NUMBERS[: len(accounts)])
    numbers = "\n".join(f'  "{number}": {{trunk: box{n}, route: all}}' for n, number in brought)
    loaded = load_text(PLAN.format(trunks=trunks, numbers=numbers))
    assert loaded.plan is not None, loaded.report()
    return loaded.plan


def account(server: str, user: str = "620", more: str = "") -> str:
    return f'register: {{server: "{server}", user: "{user}", password: "env:PW"{more}}}'


@pytest.fixture
async def kept(ours: Phones) -> AsyncIterator[Registrations]:
    made = Registrations(ours.endpoint, {"PW": "secret"})
    made.start()
    yield made
    await made.aclose()


@pytest.fixture
async def there() -> AsyncIterator[Registrar]:
    async with registrar() as made:
        yield made


def up(kept: Registrations, *trunks: str) -> bool:
    told = kept.report()
    return all(name in told and told[name]["registered"] for name in trunks)


def invite(uri: str, *headers: str) -> Request:
    lines = [
        f"INVITE {uri} SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1",
        "From: <sip:+447700900123@home>;tag=1",
        *(headers or ("To: <sip:620@home>",)),
        "Call-ID: 1",
        "CSeq: 1 INVITE",
    ]
    raw = parse("\r\n".join([*lines, "", ""]).encode())
    assert isinstance(raw, SipRequest)
    return check(raw, ("127.0.0.1", 5060))


async def test_a_new_plan_is_followed(kept: Registrations, there: Registrar) -> None:
    """What goes is taken back, what stays is left alone, what is new is registered."""
    kept.follow(plan(account(there.server, "one"), account(there.server, "two")))
    await until(lambda: up(kept, "box0", "box1"))
    before = len(there.asked)
    kept.follow(plan(account(there.server, "one"), account(there.server, "three")))
    await until(lambda: up(kept, "box1") and len(there.asked) == before + 2)
    asked = [(user_of(r), r.get_header("expires")) for r in there.asked[before:]]

    assert asked == [("two", "0"), ("three", "600")]
    assert set(kept.report()) == {"box0", "box1"}


async def test_an_account_under_a_new_name_is_not_taken_from_itself(
    kept: Registrations, there: Registrar
) -> None:
    """The contact is the same: first it is taken back, then registered."""
    kept.follow(plan(account(there.server, "one"), account(there.server, "two")))
    await until(lambda: up(kept, "box0", "box1"))
    kept.follow(plan(account(there.server, "two"), account(there.server, "one")))
    await until(lambda: len(there.asked) == 6 and up(kept, "box0", "box1"))
    last = {user_of(request): request.get_header("expires") for request in there.asked}

    assert last == {"one": "600", "two": "600"}


async def test_a_plan_without_accounts_ends_them_and_so_does_the_end(
    kept: Registrations, there: Registrar
) -> None:
    kept.follow(plan(account(there.server)))
    await until(lambda: up(kept, "box0"))
    kept.follow(plan())
    await until(lambda: not kept.report())
    kept.follow(plan(account(there.server)))
    await until(lambda: up(kept, "box0"))
    await kept.aclose()

    assert there.expires == ["600", "0", "600", "0"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (account("home.invalid").replace("PW", "NOT_SET"), "environment variable NOT_SET"),
    ],
)
async def test_what_cannot_be_registered_says_why(
    kept: Registrations, written: str, said: str
) -> None:
    kept.follow(plan(written))
    told = kept.report()["box0"]

    assert not told["registered"]
    assert said in told["error"]


async def test_a_call_belongs_to_the_account_that_it_is_sent_to(kept: Registrations) -> None:
    """Two accounts at one server, told apart by our contact; two servers by their addresses."""
    async with registrar(host="127.0.0.8") as one, registrar(host="127.0.0.9") as two:
        accounts = (account(one.server, "620"), account(one.server, "621"), account(two.server))
        kept.follow(plan(*accounts))
        await until(lambda: up(kept, "box0", "box1", "box2"))
        found = [
            kept.trunk_of(invite(f"sip:{user}@192.0.2.1:5060;transport=udp"), flow_of((host, 5060)))
            for user, host in (
                ("620", "127.0.0.8"),
                ("621", "127.0.0.8"),
                ("620", "127.0.0.9"),
                ("621", "127.0.0.9"),
                ("620", "127.0.0.7"),
            )
        ]

    assert found == ["box0", "box1", "box2", None, None]


async def test_a_server_may_write_the_number_in_place_of_our_contact(
    kept: Registrations, there: Registrar
) -> None:
    """Then the number tells the account, as long as it is one of the server's; another trunk of
    the same host keeps its calls."""
    kept.follow(plan(account(there.server, "one"), account(there.server, "two")))
    await until(lambda: up(kept, "box0", "box1"))
    flow = flow_of((there.address[0], 40000))
    found = [
        kept.trunk_of(invite(f"sip:{number}@192.0.2.1"), flow)
        for number in (NUMBERS[1], "+493023125999", "+493023125000")
    ]

    assert found == ["box1", None, None]


async def test_calls_out_find_the_way_of_their_account(
    kept: Registrations, there: Registrar
) -> None:
    """By address and login of livekit-server's trunk. Before the server has answered they are sent
    where the plan says, afterwards to the address that knows us, or as the registrar told."""
    kept.follow(plan(account(there.server)))
    await until(lambda: up(kept, "box0"))
    plain = kept.way_out(there.server, "620")
    there.extra = [("Service-Route", "<sip:192.0.2.5:5070;lr>")]
    kept.follow(plan(account(there.server, more=", login: ann")))
    await until(lambda: kept.way_out(there.server, "ann") and up(kept, "box0"))
    routed = kept.way_out(there.server, "ann")

    assert plain is not None
    assert (plain.routes, plain.hop) == ((), there.address)
    assert routed is not None
    assert (routed.routes, routed.hop) == (("<sip:192.0.2.5:5070;lr>",), ("192.0.2.5", 5070))
    assert kept.way_out(there.server, "bob") is None
    assert kept.way_out("other.example", "ann") is None
