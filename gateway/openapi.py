"""The API's description: what Litestar reads off the handlers, and what it cannot know.

`python -m gateway.cli.openapi` prints it, for the console's types.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final, get_args

import msgspec
from litestar import Litestar, Request, Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from dialplans.contracts import events as ev
from gateway import roles
from gateway.errors import PROBLEM_JSON, PROBLEMS, ProblemDocument
from gateway.examples import REQUESTS, RESPONSES
from gateway.live.frames import Snapshot, Spoken
from gateway.live.live_state import Gone, Plan, Ringing
from gateway.live.seat import Offer, Seat
from gateway.live.tiles import Tiles
from gateway.records.call import Call
from gateway.records.store import Entry
from gateway.supervise.service import ModeView

Document = dict[str, Any]

FRAMES: Final[dict[str, type]] = {
    "snapshot": Snapshot,
    "call": Call,
    "words": Spoken,
    "tiles": Tiles,
    "desk": Seat,
    "offer": Offer,
    "offers": Ringing,
    "offer_gone": Gone,
    "plan": Plan,
    "mode": ModeView,
    "entry": Entry,
    "partial": Entry,
}
"""Name of a server-sent event → what its data is. The last two are of one call's stream."""

EVENTS: Final = frozenset(kind.__name__ for kind in get_args(ev.Event))
"""They leave out what is as a reader would assume it, but always say what and which they are."""

RAW_BODIES: Final = {"coachAloud": "audio/wav", "livekitWebhook": "application/webhook+json"}
"""Operations whose body is taken byte by byte."""

SOUNDS: Final = {"hearRecording": "audio/ogg", "hearMessage": "audio/wav"}
"""Operations whose answer is sound, whole or in part."""

_REF = "#/components/schemas/{name}"
_SECURITY: Final = {
    "session": {"type": "apiKey", "in": "cookie", "name": "switchboard_session"},
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, `sbk_…`."},
}


class Rendered(JsonRenderPlugin):
    """Serves the completed document; completing it once is enough."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._done: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: Document) -> bytes:
        if self._done is None:
            may = permissions_by_operation(request.app)
            self._done = msgspec.json.encode(complete(openapi_schema, may))
        return self._done


def config() -> OpenAPIConfig:
    router = Router(
        "/schema", route_handlers=[], opt={"may": roles.PUBLIC}, include_in_schema=False
    )
    return OpenAPIConfig(
        title="Switchboard", version="1", openapi_router=router, render_plugins=[Rendered()]
    )


def complete(schema: Document, may: dict[str, Any]) -> Document:
    """With problems, security, examples and the frames of the streams."""
    document = copy.deepcopy(schema)
    components = document["components"]
    _add_types(components["schemas"])
    components["securitySchemes"] = _SECURITY
    for _, operation in operations(document):
        name = operation["operationId"]
        _problems(operation)
        operation["responses"].get("204", {}).pop("content", None)
        if name in RAW_BODIES:
            operation["requestBody"] = {
                "required": True,
                "content": {RAW_BODIES[name]: {"schema": {"type": "string", "format": "binary"}}},
            }
        if name in SOUNDS:
            _answers_sound(operation, SOUNDS[name])
        _examples(operation, name)
        permission = may.get(name)
        if permission in (None, roles.PUBLIC):
            operation["security"] = []
        else:
            operation["security"] = [{"session": []}, {"key": []}]
            operation["x-permission"] = permission
    _require_what_is_always_sent(document)
    return document


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in ("get", "put", "post", "delete", "patch"):
                yield f"{method.upper()} {path}", operation


def _add_types(schemas: Document) -> None:
    types = [*dict.fromkeys(FRAMES.values()), ProblemDocument]
    _, found = msgspec.json.schema_components(types, ref_template=_REF)
    for name, schema in found.items():
        schemas.setdefault(name, schema)
    schemas["ProblemDocument"]["additionalProperties"] = True
    schemas["Frames"] = {
        "type": "object",
        "description": "Server-sent events by their name; each one's `data` is a property here.",
        "properties": {name: {"$ref": _REF.format(name=t.__name__)} for name, t in FRAMES.items()},
    }


def _problems(operation: Document) -> None:
    responses = operation["responses"]
    for status in [s for s in responses if s.startswith(("4", "5")) and s != "503"]:
        del responses[status]
    known = ", ".join(f"`{code}` {status}" for code, (status, _) in PROBLEMS.items())
    responses["default"] = {
        "description": f"A problem (RFC 9457). Codes: {known}.",
        "content": {
            PROBLEM_JSON: {
                "schema": {"$ref": _REF.format(name="ProblemDocument")},
                "example": {
                    "type": "/problems/not_allowed",
                    "title": PROBLEMS["not_allowed"][1],
                    "status": 403,
                    "detail": "This needs the permission calls.listen.",
                    "code": "not_allowed",
                    "instance": "/api/calls/call-442079460100-9f2c/mode",
                },
            }
        },
    }


def _answers_sound(operation: Document, kind: str) -> None:
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    operation["responses"]["200"] = {"description": "All of it", "content": content}
    part = {"description": "The part that `Range` asks for", "content": content}
    operation["responses"]["206"] = part


def _examples(operation: Document, name: str) -> None:
    if name in REQUESTS and "requestBody" in operation:
        for content in operation["requestBody"]["content"].values():
            content["example"] = REQUESTS[name]
    if name in RESPONSES:
        for status, response in operation["responses"].items():
            if status.startswith("2") and "content" in response:
                for content in response["content"].values():
                    content["example"] = RESPONSES[name]


def _require_what_is_always_sent(document: Document) -> None:
    """A default matters to those who send; what we answer has every field, but for events."""
    schemas = document["components"]["schemas"]
    asked = _reachable(schemas, [op.get("requestBody", {}) for _, op in operations(document)])
    for name, schema in schemas.items():
        if name in asked or name == "ProblemDocument" or "properties" not in schema:
            continue
        if name in EVENTS:
            schema["required"] = sorted({*schema["required"], "at", "id"})
        elif name != "Frames":
            schema["required"] = list(schema["properties"])


def _reachable(schemas: Document, roots: list[Any]) -> set[str]:
    seen: set[str] = set()
    todo: list[Any] = list(roots)
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(node)
        elif isinstance(node, dict):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                todo.append(schemas.get(name, {}))
            todo.extend(node.values())
    return seen


def permissions_by_operation(app: Litestar) -> dict[str, Any]:
    """operationId → permission, or `public`."""
    return {
        handler.operation_id: handler.opt.get("may")
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(getattr(handler, "operation_id", None), str)
    }
