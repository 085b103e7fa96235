"""The console's files: names with a hash are kept for good, the page itself is asked for again."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from gateway import roles
from gateway.errors import Problem

NOT_PAGES: Final = ("api", "metrics", "health", "schema", "assets", "problems")
"""First parts of paths which never fall back to the page."""

_FOREVER = "public, max-age=31536000, immutable"
_SMALL = 200
"""Bytes below which packing costs more than it saves."""


class Served(msgspec.Struct, frozen=True):
    """A file as it is sent. `packed` is None where gzip makes it no smaller."""

    body: bytes
    packed: bytes | None
    kind: str
    cache: str
    tag: str


class ConsoleFiles:
    """Each file is read and packed once, and again when it has changed on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._kept: dict[Path, tuple[tuple[int, int], Served]] = {}

    def find(self, path: str) -> Served:
        """A path of the console's own routes is the page."""
        wanted = (self._folder / path.lstrip("/")).resolve()
        inside = wanted.is_relative_to(self._folder)
        if path.strip("/") and inside and wanted.is_file():
            return self._served(wanted, _FOREVER if "/assets/" in path else "no-cache")
        page = self._folder / "index.html"
        if path.strip("/").split("/")[0] in NOT_PAGES or "." in Path(path).name:
            raise Problem("not_found", "There is no such address.")
        if not page.is_file():
            raise Problem("not_found", "The console is not built: run `make web`.")
        return self._served(page, "no-cache")

    def _served(self, file: Path, cache: str) -> Served:
        about = file.stat()
        version = (about.st_mtime_ns, about.st_size)
        kept = self._kept.get(file)
        if kept is None or kept[0] != version:
            kept = self._kept[file] = (version, _read(file, cache))
        return kept[1]


def _read(file: Path, cache: str) -> Served:
    body = file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind == "text/html":
        kind += "; charset=utf-8"
    packed = gzip.compress(body, 9, mtime=0) if len(body) > _SMALL else body
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return Served(body, packed if len(packed) < len(body) else None, kind, cache, tag)


@get(
    ["/", "/{path:path}"],
    opt={"may": roles.PUBLIC},
    include_in_schema=False,
)
async def console(
    request: Request[Any, Any, Any],
    console_files: NamedDependency[ConsoleFiles],
    path: FromPath[str] = "/",
) -> Response[bytes]:
    """Only these files are packed: an event that waits for a full block of gzip comes late."""
    file = await asyncio.to_thread(console_files.find, path)
    headers = {"cache-control": file.cache, "etag": file.tag, "vary": "accept-encoding"}
    if file.tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    if file.packed is None or not takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(file.body, media_type=file.kind, headers=headers)
    return Response(
        file.packed, media_type=file.kind, headers={**headers, "content-encoding": "gzip"}
    )


def takes_gzip(accepted: str) -> bool:
    """RFC 9110 §12.5.3, as far as it matters for one coding: a weight of nought refuses it."""
    for one in accepted.lower().split(","):
        coding, _, weight = one.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
