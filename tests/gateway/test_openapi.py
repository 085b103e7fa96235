"""The API's description is complete and true."""

from __future__ import annotations

import functools
from dataclasses import fields
from typing import Any

import msgspec
from litestar import Litestar, Response
from litestar.response import Redirect, Stream

from gateway.app import create
from gateway.container import Container
from gateway.errors import PROBLEMS
from gateway.examples import REQUESTS, RESPONSES
from gateway.openapi import (
    FRAMES,
    RAW_BODIES,
    SOUNDS,
    complete,
    operations,
    permissions_by_operation,
)
from gateway.settings import Settings
from tests.gateway.running import Gateway


@functools.cache
def described() -> tuple[Litestar, dict[str, Any]]:
    app = create(Settings.from_environment())
    return app, complete(app.openapi_schema.to_schema(), permissions_by_operation(app))


def handlers(app: Litestar) -> dict[str, Any]:
    return {
        handler.operation_id: handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(getattr(handler, "operation_id", None), str)
    }


def test_every_operation_has_a_summary_a_tag_and_examples() -> None:
    """Whoever reads the description sees what is sent and what comes back."""
    _, document = described()
    missing = []
    for where, operation in operations(document):
        name = operation["operationId"]
        if not operation.get("summary") or not operation.get("tags"):
            missing.append(f"{where}: summary or tag")
        if "requestBody" in operation and name not in REQUESTS and name not in RAW_BODIES:
            missing.append(f"{where}: example of the request")
        sends = [r for s, r in operation["responses"].items() if s.startswith("2")]
        kinds = {kind for r in sends for kind in r.get("content", {})}
        if kinds - {"text/event-stream", *SOUNDS.values()} and name not in RESPONSES:
            missing.append(f"{where}: example of the answer")

    assert missing == []


def test_every_example_is_what_it_is_an_example_of() -> None:
    """Decoded as the handler's own types, with their limits."""
    app, _ = described()
    found = handlers(app)
    for name, example in REQUESTS.items():
        field = found[name].parsed_data_field
        msgspec.convert(example, field.annotation)
    for name, example in RESPONSES.items():
        kind = found[name].parsed_fn_signature.return_type.annotation
        if getattr(kind, "__origin__", None) is Response:
            kind = kind.__args__[0]
        if kind in (Stream, Redirect, bytes):
            assert isinstance(example, str)
        else:
            msgspec.json.decode(msgspec.json.encode(example), type=kind, strict=True)


def test_the_frames_of_the_streams_are_described() -> None:
    """Each server-sent event's data has a schema the console's types are made from."""
    _, document = described()
    schemas = document["components"]["schemas"]

    assert set(schemas["Frames"]["properties"]) == set(FRAMES)
    for reference in schemas["Frames"]["properties"].values():
        assert reference["$ref"].rpartition("/")[2] in schemas


def test_every_permission_is_in_the_description() -> None:
    """Public operations say that they need nothing."""
    _, document = described()
    for where, operation in operations(document):
        assert ("x-permission" in operation) == bool(operation["security"]), where


async def test_the_description_is_served(gateway: Gateway) -> None:
    """Where tools look for it, to everybody: it holds no secret."""
    answer = await gateway.client().get("/schema/openapi.json")

    assert answer.status_code == 200
    assert "/api/calls/{call}" in answer.json()["paths"]


async def test_errors_are_problem_documents(gateway: Gateway) -> None:
    """Ours, the framework's and those of addresses that do not exist, all in one shape."""
    client = await gateway.signed_in("admin")
    found = [
        await client.get("/api/calls/none"),
        await client.get("/api/none"),
        await client.delete("/api/calls"),
        await client.post("/api/users", content=b"{"),
        await client.post("/api/users", json={"name": "x"}),
        await client.get("/api/calls", params={"limit": "many"}),
        await client.get("/api/calls", params={"after": "nonsense"}),
        await client.get("/api/calls", params={"since": "2026-11-22T10:00:00"}),
    ]

    for answer in found:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert problem["status"] == answer.status_code
        assert PROBLEMS[problem["code"]][0] == answer.status_code
        assert problem["type"] == f"/problems/{problem['code']}"
        assert problem["detail"]
        assert problem["instance"].startswith("/api/")
    assert [a.status_code for a in found] == [404, 404, 405, 400, 400, 400, 400, 400]


def test_nothing_that_is_sent_is_named_like_a_part_of_the_house() -> None:
    """Litestar would take a mistake in such a field for a mistake of ours, and answer 500."""
    _, document = described()
    schemas = document["components"]["schemas"]
    sent: set[str] = set()

    def collect(schema: dict[str, Any]) -> None:
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
        sent.update(schema.get("properties", {}))
        for choice in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            collect(choice)

    for _, operation in operations(document):
        sent.update(parameter["name"] for parameter in operation.get("parameters", ()))
        for content in operation.get("requestBody", {}).get("content", {}).values():
            collect(content["schema"])

    assert {"password", "files", "mode"} <= sent
    assert sent & {"me", *(field.name for field in fields(Container))} == set()
