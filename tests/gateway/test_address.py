"""Where a request came from: what a stranger writes into a header is not believed."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.client_address import client_ip, networks, visitor
from gateway.settings import Settings
from tests.gateway.running import settings_for


def asked(peer: str, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return {"client": (peer, 1234), "headers": headers}


@pytest.mark.parametrize(
    ("proxies", "scope", "expected"),
    [
        ("", asked("203.0.113.9", "10.0.0.1"), "203.0.113.9"),
        ("10.0.0.5", asked("203.0.113.9", "198.51.100.7"), "203.0.113.9"),
        ("10.0.0.5", asked("10.0.0.5", "198.51.100.7"), "198.51.100.7"),
        ("10.0.0.5", asked("10.0.0.5", "127.0.0.1, 198.51.100.7"), "198.51.100.7"),
        ("10.0.0.5", asked("10.0.0.5", "127.0.0.1", "198.51.100.7"), "198.51.100.7"),
        ("10.0.0.0/24", asked("10.0.0.5", "1.2.3.4, 198.51.100.7, 10.0.0.6"), "198.51.100.7"),
        ("10.0.0.5", asked("10.0.0.5"), "10.0.0.5"),
        ("10.0.0.5", asked("10.0.0.5", "<script>"), "10.0.0.5"),
        ("10.0.0.5", asked("10.0.0.5", "198.51.100.7, unknown"), "10.0.0.5"),
        ("10.0.0.5", asked("10.0.0.5", "198.51.100.7:4711"), "198.51.100.7"),
        ("::1", asked("::1", "[2001:db8::7]:4711"), "2001:db8::7"),
        ("10.0.0.5", asked("::ffff:10.0.0.5", "198.51.100.7"), "198.51.100.7"),
    ],
)
def test_an_address_is_believed_of_a_named_proxy_only(
    proxies: str, scope: dict[str, Any], expected: str
) -> None:
    """The last hop that is not ours; what stands before it anybody could have written."""
    assert client_ip(scope, networks(proxies)) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::1", True),
        ("", "testclient", False),
    ],
)
def test_the_addresses_of_one_line_are_counted_together(one: str, other: str, same: bool) -> None:
    """A visitor with a /64 has more addresses than there are tries."""
    assert (visitor(one) == visitor(other)) is same


@pytest.mark.parametrize(
    ("given", "believed"),
    [
        ("10.0.0.5, 192.168.0.0/16", "192.168.7.7"),
        ("true", "127.0.0.1"),
        (True, "::1"),
        ("2001:db8::/32", "2001:db8::1"),
    ],
)
def test_the_setting_names_the_proxy(tmp_path: Any, given: object, believed: str) -> None:
    """`true` is one on this machine, as good as its address."""
    found = settings_for(tmp_path, "redis://", trusted_proxy=given).trusted_proxy

    assert client_ip(asked(believed, "198.51.100.7"), found) == "198.51.100.7"
    assert client_ip(asked("203.0.113.9", "198.51.100.7"), found) == "203.0.113.9"


@pytest.mark.parametrize("given", ["nginx", "10.0.0.300", "yes please", "10.0.0.0/33"])
def test_a_setting_that_names_no_proxy_is_refused(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    """And the message says how to write it."""
    monkeypatch.setenv("SWITCHBOARD_TRUSTED_PROXY", given)

    with pytest.raises(ValueError, match="name the proxy, as "):
        Settings.from_environment()
