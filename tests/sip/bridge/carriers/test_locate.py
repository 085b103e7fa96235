"""Which addresses a name stands for, in which order (RFC 3263, RFC 2782). No network."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from sip.bridge.carriers.locate import Hop, NotFoundError, Place, by_weight, hops
from sip.bridge.carriers.records import Naptr, Srv


@dataclass
class Book:
    """Records by name; `asked` is which, in order."""

    naptrs: dict[str, list[Naptr]] = field(default_factory=dict)
    srvs: dict[str, list[Srv]] = field(default_factory=dict)
    hosts: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def naptr(self, name: str) -> list[Naptr]:
        self.asked.append(f"NAPTR {name}")
        return self.naptrs.get(name, [])

    async def srv(self, name: str) -> list[Srv]:
        self.asked.append(f"SRV {name}")
        return self.srvs.get(name, [])

    async def addresses(self, name: str) -> list[str]:
        self.asked.append(f"A {name}")
        return self.hosts.get(name, [])


async def found(place: Place, book: Book) -> list[str]:
    return [f"{hop} {hop.transport}" for hop in await hops(place, book, random.Random(1))]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place("192.0.2.1"), "192.0.2.1:5060 udp"),
        (Place("192.0.2.1", transport="tcp"), "192.0.2.1:5060 tcp"),
        (Place("192.0.2.1", transport="tls"), "192.0.2.1:5061 tls"),
        (Place("2001:db8::1", 5080), "[2001:db8::1]:5080 udp"),
    ],
)
async def test_an_address_is_taken_as_it_stands(place: Place, expected: str) -> None:
    book = Book()

    assert await found(place, book) == [expected]
    assert book.asked == []


async def test_a_port_that_is_named_is_the_port() -> None:
    """No SRV is looked for (§4.2)."""
    book = Book(hosts={"c.example": ["192.0.2.1", "192.0.2.2"]}, srvs={"_sip._udp.c.example": []})

    assert await found(Place("c.example", 5070), book) == [
        "192.0.2.1:5070 udp",
        "192.0.2.2:5070 udp",
    ]
    assert book.asked == ["A c.example"]


async def test_the_domain_says_which_transport_it_likes_best() -> None:
    """NAPTR by order and preference; what is not spoken, or not by name, is passed over."""
    book = Book(
        naptrs={
            "c.example": [
                Naptr(20, 1, "s", "SIP+D2U", "_sip._udp.c.example"),
                Naptr(10, 2, "S", "sip+d2t", "tcp.c.example"),
                Naptr(10, 1, "s", "SIPS+D2T", "_sips._tcp.c.example"),
                Naptr(1, 1, "u", "E2U+sip", ""),
            ]
        },
        srvs={"tcp.c.example": [Srv(1, 0, 5090, "a.c.example")]},
        hosts={"a.c.example": ["192.0.2.9"]},
    )

    assert await found(Place("c.example"), book) == ["192.0.2.9:5090 tcp"]


async def test_without_such_a_word_udp_is_looked_for_before_tcp() -> None:
    book = Book(
        srvs={"_sip._tcp.c.example": [Srv(1, 0, 5060, "a.c.example")]},
        hosts={"a.c.example": ["192.0.2.9"]},
    )

    assert await found(Place("c.example"), book) == ["192.0.2.9:5060 tcp"]
    assert book.asked[:3] == [
        "NAPTR c.example",
        "SRV _sip._udp.c.example",
        "SRV _sip._tcp.c.example",
    ]


@pytest.mark.parametrize(("transport", "service"), [("tcp", "_sip._tcp"), ("tls", "_sips._tcp")])
async def test_a_trunk_that_names_its_transport_is_asked_for_no_other(
    transport: str, service: str
) -> None:
    book = Book(
        srvs={f"{service}.c.example": [Srv(1, 0, 5099, "a.c.example")]},
        hosts={"a.c.example": ["192.0.2.9"]},
    )

    assert await found(Place("c.example", transport=transport), book) == [
        f"192.0.2.9:5099 {transport}"
    ]
    assert book.asked[0] == f"SRV {service}.c.example"


async def test_a_host_without_servers_is_its_own() -> None:
    book = Book(hosts={"c.example": ["192.0.2.1"]})

    assert await found(Place("c.example", transport="tcp"), book) == ["192.0.2.1:5060 tcp"]


async def test_servers_whose_names_lead_nowhere_do_not_hide_the_others() -> None:
    book = Book(
        srvs={
            "_sip._udp.c.example": [
                Srv(1, 0, 5060, "gone.c.example"),
                Srv(2, 0, 5062, "b.c.example"),
            ]
        },
        hosts={"b.c.example": ["192.0.2.2", "192.0.2.2", "192.0.2.3"]},
    )

    assert await found(Place("c.example"), book) == ["192.0.2.2:5062 udp", "192.0.2.3:5062 udp"]


@pytest.mark.parametrize(
    "srv", [[Srv(0, 0, 0, "")], [Srv(0, 0, 5060, ""), Srv(1, 0, 5060, "")]], ids=["one", "two"]
)
async def test_a_domain_may_say_that_it_takes_no_calls(srv: list[Srv]) -> None:
    """A target of a single dot (RFC 2782); its own address is not tried instead."""
    book = Book(srvs={"_sip._udp.c.example": srv}, hosts={"c.example": ["192.0.2.1"]})

    with pytest.raises(NotFoundError, match="no SIP by udp"):
        await hops(Place("c.example", transport="udp"), book, random.Random(1))


async def test_a_name_that_is_none_is_said() -> None:
    with pytest.raises(NotFoundError, match=r"c\.example has no address"):
        await hops(Place("c.example"), Book(), random.Random(1))


def test_more_weight_comes_first_more_often() -> None:
    """3 to 1 within a priority, and never before a better priority."""
    servers = [Srv(2, 9, 1, "last"), Srv(1, 3, 1, "heavy"), Srv(1, 1, 1, "light")]
    rng = random.Random(7)
    orders = [[one.target for one in by_weight(servers, rng)] for _ in range(2000)]
    first = Counter(order[0] for order in orders)

    assert {order[2] for order in orders} == {"last"}
    assert 1400 < first["heavy"] < 1600


def test_no_weight_is_no_reason_to_be_left_out() -> None:
    servers = [Srv(1, 0, 1, "a"), Srv(1, 0, 1, "b"), Srv(1, 10, 1, "c")]

    assert sorted(one.target for one in by_weight(servers, random.Random(3))) == ["a", "b", "c"]


def test_a_hop_is_written_as_people_write_it() -> None:
    assert str(Hop(("2001:db8::1", 5060), "udp")) == "[2001:db8::1]:5060"
