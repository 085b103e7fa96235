"""Single sign-on, against a provider that speaks the real protocol over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import RSAKey

from gateway.settings import OidcSettings
from gateway.storage.audit import AuditFilter
from tests.fakes.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider
from tests.gateway.running import Gateway, running_gateway, settings_for


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with running_provider() as found:
        yield found


@pytest.fixture
async def gateway(tmp_path: Path, redis_url: str, provider: Provider) -> AsyncIterator[Gateway]:
    oidc = OidcSettings(
        name="Example ID", issuer=provider.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )
    async with running_gateway(settings_for(tmp_path, redis_url, oidc=oidc)) as found:
        yield found


async def walk(client: httpx.AsyncClient, next_: str = "/history") -> httpx.Response:
    """As a browser goes: to us, to the provider, and back to us."""
    begun = await client.get("/api/session/oidc/start", params={"next": next_})
    assert begun.status_code == 302, begun.text
    async with httpx.AsyncClient(verify=False) as elsewhere:
        approved = await elsewhere.get(begun.headers["location"])
    return await client.get(approved.headers["location"])


async def test_a_person_signs_in_with_the_roles_the_provider_gives(
    gateway: Gateway, provider: Provider
) -> None:
    """Known roles count, unknown ones do not, and they are read anew at each sign-in."""
    provider.person = {"sub": "7", "preferred_username": "olga", "roles": ["operator", "king"]}
    client = gateway.client()

    back = await walk(client)
    me = (await client.get("/api/session")).json()
    provider.person["roles"] = ["viewer"]
    again = gateway.client()
    await walk(again)

    assert back.headers["location"] == "/history"
    assert (me["name"], me["roles"]) == ("olga", ["operator"])
    assert (await again.get("/api/session")).json()["roles"] == ["viewer"]
    assert len(await gateway.container.people.all()) == 1


async def test_a_provider_account_never_becomes_a_local_one(
    gateway: Gateway, provider: Provider
) -> None:
    """Somebody called admin at the provider is not our admin."""
    await gateway.add("admin", "admin")
    provider.person = {"sub": "9", "preferred_username": "admin", "roles": ["viewer"]}
    client = gateway.client()

    await walk(client)
    me = (await client.get("/api/session")).json()

    assert me["name"] != "admin"
    assert me["roles"] == ["viewer"]


@pytest.mark.parametrize(
    "spoil",
    [{"nonce": "other"}, {"aud": "somebody-else"}, {"iss": "http://evil.example"}, {"exp": 1000}],
)
async def test_a_token_that_is_not_for_this_sign_in_is_refused(
    gateway: Gateway, provider: Provider, spoil: dict[str, object]
) -> None:
    """Nonce, audience, issuer and time are all checked."""
    provider.person = {"sub": "7", "roles": ["admin"]}
    provider.spoil = spoil
    client = gateway.client()

    back = await walk(client)

    assert back.headers["location"] == "/?sign_in=failed"
    assert (await client.get("/api/session")).status_code == 401


async def test_a_token_signed_by_somebody_else_is_refused(
    gateway: Gateway, provider: Provider
) -> None:
    """Only the provider's published keys count, whatever the token says about its key."""
    provider.person = {"sub": "7", "roles": ["admin"]}
    provider.sign_with = RSAKey.generate_key(2048)
    client = gateway.client()

    back = await walk(client)

    assert back.headers["location"] == "/?sign_in=failed"


async def test_a_callback_in_another_browser_signs_nobody_in(
    gateway: Gateway, provider: Provider
) -> None:
    """A link with somebody's code and state does not sign its reader in, and a state works once."""
    provider.person = {"sub": "7", "roles": ["viewer"]}
    mine, other = gateway.client(), gateway.client()
    begun = await mine.get("/api/session/oidc/start")
    async with httpx.AsyncClient(verify=False) as elsewhere:
        approved = await elsewhere.get(begun.headers["location"])
    link = approved.headers["location"]

    stolen = await other.get(link)
    right = await mine.get(link)
    twice = await mine.get(link)

    assert stolen.headers["location"] == "/?sign_in=failed"
    assert right.headers["location"] == "/"
    assert twice.headers["location"] == "/?sign_in=failed"


async def test_nobody_is_sent_to_another_site_after_signing_in(
    gateway: Gateway, provider: Provider
) -> None:
    """`next` is a path of the console or it is ignored."""
    provider.person = {"sub": "7", "roles": ["viewer"]}

    for evil in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        back = await walk(gateway.client(), evil)
        assert back.headers["location"] == "/", evil


async def test_codes_are_tried_in_vain_and_setting_out_is_bounded(
    gateway: Gateway, provider: Provider
) -> None:
    """A state that this browser never had, or one that it made up on both sides: counted by
    address, and after some nobody looks any more. What is kept of those who set out is bounded."""
    made_up = gateway.client(cookie="switchboard_sso=made-up")
    link = "/api/session/oidc/callback?code=1&state="
    codes = [(await made_up.get(link + state)).status_code for state in ("made-up", "other") * 20]
    starts = [
        (await gateway.client().get("/api/session/oidc/start")).status_code for _ in range(40)
    ]
    rows = await gateway.container.audit.find(AuditFilter(action="sign_in_failed"))
    provider.person = {"sub": "7", "roles": ["viewer"]}

    assert (codes[0], codes[-1]) == (302, 429)
    assert (starts[0], starts[-1]) == (302, 429)
    assert [(row.who, row.detail["tries"]) for row in rows] == [
        ("single sign-on", codes.count(302))
    ]


async def test_somebody_without_a_role_here_is_turned_away(
    gateway: Gateway, provider: Provider
) -> None:
    """The provider vouches for who somebody is, not that they belong here."""
    provider.person = {"sub": "8", "roles": ["cook"]}

    back = await walk(gateway.client())

    assert back.headers["location"] == "/?sign_in=no_role"
    assert await gateway.container.people.all() == []
