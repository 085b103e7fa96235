"""The short cut through livekit-rtc, without a server."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from livekit import rtc

import sip
from sip.bridge.ffi.client import RELEASE
from sip.bridge.ffi.handles import drop_handle, forgive

SIP = Path(sip.__file__).parent


async def test_a_handle_that_the_native_side_has_dropped_already_is_no_error() -> None:
    """It happens after each reconnect; dropped twice from here it is forgiven as well."""
    forgive()
    source = rtc.AudioSource(8000, 1, queue_size_ms=0)
    drop_handle(source._ffi_handle.handle)

    await source.aclose()

    assert source._ffi_handle.disposed


def test_the_adapter_fits_the_release_that_is_installed() -> None:
    """Another release of livekit-rtc may have other private parts: read them, try the calls with
    real servers (`pytest -m stack tests/sip/bridge`), and only then name it in `RELEASE`."""
    assert version("livekit") == RELEASE


def test_only_the_adapter_reaches_into_the_private_parts_of_the_sdk() -> None:
    """So that one folder has to be read when the SDK changes."""
    reaching = {
        str(file.relative_to(SIP))
        for file in SIP.rglob("*.py")
        for name in private_names(ast.parse(file.read_text()))
        if file.parent != SIP / "bridge" / "ffi"
    }

    assert reaching == set()


def private_names(tree: ast.Module) -> Iterator[str]:
    """Modules of livekit that begin with an underscore, and what hangs on native handles."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("livekit"):
            words = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from (word for word in words if word.startswith("_"))
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("livekit")]
            yield from (name for name in names if "._" in name)
        elif isinstance(node, ast.Attribute) and node.attr.startswith(("_ffi", "_proto")):
            yield node.attr
