"""What the gateway takes of libraries that they keep to themselves: one module, for one release."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from livekit import api

import gateway
from sip.bridge.psrpc import livekit_internals

GATEWAY = Path(gateway.__file__).parent
ADAPTER = Path(livekit_internals.__file__)


def test_the_adapter_fits_the_release_that_is_installed() -> None:
    """Another release of livekit-api may have other private parts, or a method of its own for this:
    read it, try a command to a running job (`pytest -m stack tests/stack`), and only then name it
    in `RELEASE`."""
    assert version("livekit-api") == livekit_internals.RELEASE


async def test_what_the_adapter_reaches_for_is_there() -> None:
    lk = api.LiveKitAPI("http://localhost:1", "key", "secret" * 8)
    try:
        asked = list(inspect.signature(lk.room._client.request).parameters)
        header = lk.room._auth_header(api.VideoGrants(room_admin=True, room="call-1"))
    finally:
        await lk.aclose()

    assert asked[:5] == ["service", "method", "data", "headers", "response_class"]
    assert header["authorization"].startswith("Bearer ")


def test_only_the_adapter_reaches_into_private_parts_of_others() -> None:
    """So that one module has to be read when a library changes."""
    reaching = {
        f"{file.relative_to(GATEWAY)}: {name}"
        for file in GATEWAY.rglob("*.py")
        if file != ADAPTER
        for name in private_names(ast.parse(file.read_text("utf-8")))
    }

    assert reaching == set()


def private_names(tree: ast.Module) -> Iterator[str]:
    """Imported from another module, or of an object that is not one's own."""
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            dotted = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            yield from (name for name in dotted for part in name.split(".") if is_private(part))
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            owner = node.value
            if not (isinstance(owner, ast.Name) and owner.id in {"self", "cls", *own}):
                yield node.attr


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")
