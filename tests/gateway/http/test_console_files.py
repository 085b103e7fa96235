"""The console as browsers get it: packed, kept, and framed by nobody who was not named."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from gateway.http.console import takes_gzip
from tests.gateway.running import Gateway, running_gateway, settings_for
from tests.gateway.sse import listening

DIST = Path("web/dist")
FIRST_LOAD = 100_000
"""Bytes, before LiveKit's chunk, which comes with the first listening."""


async def test_the_console_is_served_with_care(tmp_path: Path, redis_url: str) -> None:
    """Its routes are all the one page, hashed files are kept for good, nothing outside is read."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Switchboard</title>")
    (dist / "assets" / "index-abc123.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    async with running_gateway(settings_for(tmp_path, redis_url)) as gateway:
        client = gateway.client()
        page = await client.get("/history?q=x")
        script = await client.get("/assets/index-abc123.js")
        missing = await client.get("/assets/index-old.js")
        outside = await client.get("/..%2fsecret.txt")
        api = await client.get("/api/nothing")

    policy = page.headers["content-security-policy"]
    assert "<title>Switchboard" in page.text
    assert page.headers["cache-control"] == "no-cache"
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert "connect-src 'self' ws://127.0.0.1:9 http://127.0.0.1:9" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-type"].startswith("text/javascript")
    assert missing.status_code == 404
    assert outside.status_code == 404
    assert api.status_code == 404


async def test_answers_of_the_api_carry_the_headers_too(gateway: Gateway) -> None:
    """Also refusals, and also those the framework makes."""
    for path in ("/api/session", "/api/none", "/health/live"):
        answer = await gateway.client().get(path)
        assert "content-security-policy" in answer.headers, path


async def test_the_first_load_is_small_on_the_wire(tmp_path: Path, redis_url: str) -> None:
    """The page and everything that its HTML and its scripts ask for at once, as it was sent."""
    assert (DIST / "index.html").is_file(), "the console is not built: make web"
    async with running_gateway(settings_for(tmp_path, redis_url, web_dist=DIST)) as gateway:
        client = gateway.client(**{"accept-encoding": "gzip, deflate, br"})
        seen: dict[str, httpx.Response] = {}
        wanted = ["/"]
        while wanted:
            path = wanted.pop()
            if path in seen:
                continue
            seen[path] = await client.get(path)
            wanted += at_once(path, seen[path].text)
    sizes = {path: answer.num_bytes_downloaded for path, answer in seen.items()}

    assert len(seen) > 3
    assert sum(sizes.values()) <= FIRST_LOAD, sizes
    for path, answer in seen.items():
        assert answer.status_code == 200, path
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.headers.get("content-encoding") == "gzip" or len(answer.content) < 1000, path
    assert not any("livekit" in path for path in seen)


def at_once(path: str, text: str) -> list[str]:
    """Addresses that a browser loads because it loaded this one."""
    if path == "/":
        return re.findall(r'(?:src|href)="(/assets/[^"]+)"', text)
    if not path.endswith(".js"):
        return []
    return [f"/assets/{name}" for name in re.findall(r'(?:from|import)\s*"\./([^"]+\.js)"', text)]


async def test_packed_or_not_it_is_the_same_file(tmp_path: Path, redis_url: str) -> None:
    """Who does not take gzip gets the file as it is; who has it already gets no body; a file that
    was changed is sent anew."""
    page = tmp_path / "dist" / "index.html"
    page.parent.mkdir()
    page.write_text("<!doctype html>" + "<p>Switchboard</p>" * 100)
    async with running_gateway(settings_for(tmp_path, redis_url)) as gateway:
        packed = await gateway.client(**{"accept-encoding": "gzip"}).get("/")
        plain = await gateway.client(**{"accept-encoding": "identity"}).get("/")
        client = gateway.client()
        known = await client.get("/", headers={"if-none-match": packed.headers["etag"]})
        page.write_text("<!doctype html><p>New</p>")
        new = await client.get("/", headers={"if-none-match": packed.headers["etag"]})

    assert packed.text == plain.text
    assert packed.num_bytes_downloaded == len(gzip.compress(plain.content, 9))
    assert "content-encoding" not in plain.headers
    assert (known.status_code, known.content) == (304, b"")
    assert (new.status_code, new.text) == (200, "<!doctype html><p>New</p>")


async def test_events_are_never_packed(gateway: Gateway) -> None:
    """A frame that waits in a packer for its neighbours is a frame that comes late."""
    client = await gateway.signed_in("supervisor")
    client.headers["accept-encoding"] = "gzip, br"
    async with client.stream("GET", "/api/events") as stream:
        encoding = stream.headers.get("content-encoding")
    async with listening(client) as source:
        await source.until("snapshot")

    assert encoding is None


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("", False),
        ("gzip", True),
        ("br, GZIP ; q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*", True),
        ("x-gzip-like", False),
    ],
)
def test_what_a_browser_says_it_takes_is_believed(accepted: str, *, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


async def test_only_the_talk_page_may_be_framed_and_only_by_origins_that_were_named(
    tmp_path: Path, redis_url: str
) -> None:
    """Without a setting by ourselves alone; no other page by anybody."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "index.html").write_text("<!doctype html>")
    async with running_gateway(settings_for(tmp_path, redis_url)) as gateway:
        closed = await gateway.client().get("/talk?embed=1")
    named = settings_for(
        tmp_path, redis_url, widget_origins="https://shop.example https://*.x.example"
    )
    async with running_gateway(named) as gateway:
        talk = await gateway.client().get("/talk?embed=1")
        console = await gateway.client().get("/")

    assert "frame-ancestors 'self';" in closed.headers["content-security-policy"]
    policy = talk.headers["content-security-policy"]
    assert "frame-ancestors 'self' https://shop.example https://*.x.example;" in policy
    assert "x-frame-options" not in talk.headers
    assert "microphone=(self)" in talk.headers["permissions-policy"]
    assert "frame-ancestors 'none'" in console.headers["content-security-policy"]


@pytest.mark.parametrize(
    "origin", ["shop.example", "https://shop.example/page", "*", "x; script-src *"]
)
def test_what_is_no_origin_is_refused_at_the_start(tmp_path: Path, origin: str) -> None:
    """A browser would ignore it without a word, or worse, obey it."""
    with pytest.raises(ValidationError, match="not an origin"):
        settings_for(tmp_path, "redis://127.0.0.1:9", widget_origins=origin)
