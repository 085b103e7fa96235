"""What a request of no call is answered with."""

from __future__ import annotations

import pytest

from sip.bridge.signalling.message import Headers, Request
from sip.bridge.transport.flow import Flow
from tests.sip.bridge.signalling.pair import Pair, pair

pytestmark = pytest.mark.virtual_time(alone=True)


async def answered(
    between: Pair, method: str, headers: Headers = (), *, uri: str = ""
) -> tuple[int, dict[str, str]]:
    """Code and headers; headers of the request with the same name give way."""
    flow = await between.flow()
    request = between.request(flow, method)
    for name, value in headers:
        if value:
            request.headers.set_single(name, value)
        else:
            request.headers.remove(name)
    request.uri = uri or request.uri
    response = await between.near.send(request, flow, flow.peer).final()
    assert response is not None
    return response.status_code, {
        name.lower(): ", ".join(values) for name, values in response.headers.items()
    }


@pytest.mark.parametrize(
    "headers",
    [
        (("Contact", ""),),
        (("Contact", "*"),),
        (("Contact", "<sip:a@192.0.2.1>, <sip:b@192.0.2.1>"),),
        (("Contact", "<http://192.0.2.1>"),),
        (("Contact", "tel:+442079460100"),),
    ],
)
async def test_a_call_that_says_not_where_to_answer_is_400(headers: Headers) -> None:
    async with pair() as between:
        code, _ = await answered(between, "INVITE", headers)

    assert code == 400
    assert not between.calls


@pytest.mark.parametrize(
    "uri", ["mailto:a@x", "http://x", "soap.beep://192.0.2.3:3002", "sips:a@x"]
)
@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
async def test_an_address_that_is_no_telephone_is_416(uri: str, method: str) -> None:
    """Nor is `sips:` one that may be reached without TLS."""
    async with pair() as between:
        code, _ = await answered(between, method, uri=uri)

    assert code == 416


@pytest.mark.parametrize("header", ["Require", "require"])
async def test_an_extension_that_is_not_known_is_named(header: str) -> None:
    async with pair() as between:
        code, about = await answered(between, "INVITE", [(header, "timer, path, 100rel, gruu")])

    assert (code, about["unsupported"]) == (420, "gruu, path")


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
async def test_who_has_arrived_needs_no_more_hops(method: str) -> None:
    """Max-Forwards counts proxies (RFC 3261 §16.3), and there is none here."""
    async with pair() as between:
        between.far.on_invite = lambda transaction: transaction.respond(200)
        code, _ = await answered(between, method, [("Max-Forwards", "0")])

    assert code == 200


@pytest.mark.parametrize("method", ["SUBSCRIBE", "MESSAGE", "PUBLISH", "REGISTER", "JUMP"])
async def test_a_method_that_nobody_answers_is_405_and_the_others_are_named(method: str) -> None:
    async with pair() as between:
        between.far.on_outside["MINE"] = lambda transaction: transaction.respond(200)
        code, about = await answered(between, method)

    assert code == 405
    assert about["allow"].endswith("PRACK, MINE")
    assert between.far.transactions == 0


async def test_who_is_to_call_somebody_for_a_stranger_refuses() -> None:
    async with pair() as between:
        code, _ = await answered(between, "REFER", [("Refer-To", "<sip:premium@x>")])

    assert code == 403


@pytest.mark.parametrize("code", [200, 404, 503])
async def test_options_says_what_a_call_would_meet(code: int) -> None:
    """RFC 3261 §11.2. In a call that is not there any more it is 481, like anything."""

    def known(request: Request, flow: Flow) -> int:
        return code if request.uri.startswith("sip:far@") else 200

    async with pair() as between:
        between.far.on_options = known
        said, about = await answered(between, "OPTIONS")
        gone, _ = await answered(between, "OPTIONS", [("To", "<sip:far@x>;tag=gone")])

    assert said == code
    assert "INVITE" in about["allow"]
    assert gone == 481
