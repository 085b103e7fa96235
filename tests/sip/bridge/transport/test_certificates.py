"""Certificates of those who connect, and files of ours that change."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.sip.bridge.authority import Authority
from tests.sip.bridge.transport.heard import (
    OPTIONS,
    PEER,
)
from tests.sip.bridge.transport.tls_listener import (
    HERE,
    ended,
    listening,
    opened,
    refusal,
    shown,
)


async def test_who_has_to_show_a_certificate_and_has_none_is_not_heard(
    authority: Authority, tmp_path: Path
) -> None:
    """Nor is one of another authority."""
    phones = Authority(tmp_path, "phones")
    known, other = phones.issue("phone", "phone.example"), authority.issue("other", "o.example")
    async with listening(authority, client_ca=phones.file) as heard:
        for shows in ((), other):
            reader, writer = await opened(heard, authority.client(*shows))
            with contextlib.suppress(ConnectionError):
                writer.write(OPTIONS)
            assert await refusal(reader)  # TLS 1.3 says so after the handshake
            await ended(writer)
        unknown = list(heard.messages)
        _, writer = await opened(heard, authority.client(*known))
        writer.write(OPTIONS)
        await heard.until(lambda: bool(heard.messages))
        await ended(writer)

    assert unknown == []
    assert heard.hosts == [PEER]


async def test_new_files_count_from_the_next_connection_on(authority: Authority) -> None:
    """The connection that is there goes on with the old ones."""
    async with listening(authority) as heard:
        _, first = await opened(heard, authority.client())
        before = shown(first)
        authority.issue("leg", HERE, "leg.example")
        _, second = await opened(heard, authority.client())
        first.write(OPTIONS)
        await heard.until(lambda: bool(heard.messages))
        after = shown(second)
        await ended(first)
        await ended(second)

    assert before != after


@pytest.mark.parametrize("broken", ["certificate", "key", "gone", "another's key"])
async def test_new_files_that_cannot_be_used_change_nothing(
    authority: Authority, tmp_path: Path, broken: str
) -> None:
    """And the log names the setting; whole again, they count."""
    async with listening(authority) as heard:
        _, first = await opened(heard, authority.client())
        match broken:
            case "certificate":
                (tmp_path / "leg.pem").write_text("half a certificate")
            case "key":
                (tmp_path / "leg.key.pem").write_text("")
            case "gone":
                (tmp_path / "leg.pem").unlink()
            case _:
                authority.issue("other", HERE)
                (tmp_path / "other.key.pem").rename(tmp_path / "leg.key.pem")
        with capture_logs() as logs:
            _, second = await opened(heard, authority.client())
            _, again = await opened(heard, authority.client())
        said = [log for log in logs if log["event"] == "sip.tls_files_unusable"]
        authority.issue("leg", HERE)
        _, third = await opened(heard, authority.client())
        found = [shown(first), shown(second), shown(again), shown(third)]
        for writer in (first, second, again, third):
            await ended(writer)

    assert found[0] == found[1] == found[2] != found[3]
    assert len([log for log in said if log["log_level"] == "error"]) == 1
    assert "SWITCHBOARD_SIP_TLS_" in said[0]["problems"][0]
