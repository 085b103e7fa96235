"""Keys that come as INFO, in the spellings that telephone systems have."""

from __future__ import annotations

import pytest

from sip.bridge.signalling.dialogs import info
from sip.bridge.signalling.message import Headers
from tests.sip.bridge.signalling.pair import pair

pytestmark = pytest.mark.virtual_time(alone=True)


async def pressed(headers: Headers, body: bytes) -> tuple[int, str, list[str]]:
    """The answer's code, what it names instead, and the keys."""
    keys: list[str] = []
    async with pair() as between:
        ours, theirs = await between.call()
        theirs.handlers.info = lambda transaction: info.answer(transaction, keys.append)
        response = await ours.send("INFO", headers=headers, body=body)
    assert response is not None
    named = [*response.headers.get("accept"), *response.headers.get("recv-info")]
    return response.status_code, ", ".join(named), keys


@pytest.mark.parametrize(
    ("kind", "body", "keys"),
    [
        ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", b"Signal= *\nDuration= 250", "*"),
        ("Application/DTMF-Relay; charset=utf-8", b"signal = 10\r\n", "*"),
        ("application/dtmf-relay", b"Duration=100\r\nSIGNAL:11\r\n", "#"),
        ("application/dtmf-relay", b'Signal="d"\r\n', "D"),
        ("application/dtmf-relay", b"Signal=16\r\n", ""),
        ("application/dtmf", b"7", "7"),
        ("application/dtmf", b"10\r\n", "*"),
        ("application/dtmf", b" 11 ", "#"),
        ("application/dtmf", b"15", "D"),
        ("application/dtmf", b"Signal=3", "3"),
        ("application/dtmf", b"4711#", "4711#"),
        ("application/dtmf", b"1\r\n2\r\n", "12"),
    ],
)
async def test_a_key_is_read(kind: str, body: bytes, keys: str) -> None:
    code, _, heard = await pressed([("Content-Type", kind)], body)

    assert (code, "".join(heard)) == (200, keys)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/dtmf-relay", b"Duration=160"),
        ("application/dtmf-relay", b"Signal=five"),
        ("application/dtmf-relay", b"Signal="),
        ("application/dtmf", b"\x80\x81"),
        ("application/dtmf", b"\r\n"),
    ],
)
async def test_a_body_that_names_no_key_is_400(kind: str, body: bytes) -> None:
    code, _, heard = await pressed([("Content-Type", kind)], body)

    assert (code, heard) == (400, [])


async def test_a_body_of_another_kind_is_415_and_ours_are_named() -> None:
    headers = [("Content-Type", "application/media_control+xml")]
    code, named, _ = await pressed(headers, b"<media_control/>")

    assert (code, named) == (415, "application/dtmf-relay, application/dtmf")


@pytest.mark.parametrize("package", ["nobody", "infoDtmf", "g.3gpp.mid-call"])
async def test_a_package_that_was_not_agreed_on_is_469(package: str) -> None:
    """RFC 6086 §4.2.2, with what we would take: nothing."""
    code, named, _ = await pressed([("Info-Package", package)], b"x")

    assert (code, named) == (469, "nil")


async def test_an_info_without_a_body_is_a_sign_of_life() -> None:
    code, _, heard = await pressed((), b"")

    assert (code, heard) == (200, [])
