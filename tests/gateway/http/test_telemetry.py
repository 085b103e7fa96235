"""Traces, sent to a small collector of our own by OpenTelemetry's own protocol over HTTP."""

from __future__ import annotations

import contextlib
import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.gateway.running import running_gateway, settings_for, started


@dataclass
class Collector:
    url: str = ""
    services: set[str] = field(default_factory=set)
    spans: list[Span] = field(default_factory=list)

    def take(self, path: str, body: bytes) -> None:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {a.key: a.value.string_value for a in resource.resource.attributes}
            self.services.add(named["service.name"])
            for scope in resource.scope_spans:
                self.spans += scope.spans


@contextlib.contextmanager
def collecting() -> Iterator[Collector]:
    """Takes spans as a collector does: protobuf in a POST (OTLP 1.x §OTLP/HTTP)."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            packed = self.headers.get("content-encoding") == "gzip"
            collector.take(self.path, gzip.decompress(body) if packed else body)
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()


async def test_requests_are_traced_when_a_collector_is_configured(
    tmp_path: Path, redis_url: str
) -> None:
    """A span a request, named by its route, with the call and the answer and nothing personal;
    what was not sent yet is sent at the end."""
    with collecting() as collector:
        settings = settings_for(tmp_path, redis_url, otlp_endpoint=collector.url)
        async with running_gateway(settings) as gateway:
            client = await gateway.signed_in("supervisor")
            await gateway.happen(started("call-1", caller="+491701234567"))
            await client.get("/api/calls/call-1")
            await client.get("/api/calls", params={"q": "+491701234567"})
            await client.get("/api/calls/call-nowhere")
    spans = {span.name: span for span in collector.spans}
    one = [s for s in collector.spans if s.name == "GET /api/calls/{call}"]

    assert collector.services == {"switchboard-gateway"}
    assert {"GET /api/calls", "POST /api/session"} <= spans.keys()
    assert [about(span)["http.response.status_code"] for span in one] == ["200", "404"]
    assert about(one[0])["switchboard.call"] == "call-1"
    assert all(span.end_time_unix_nano > span.start_time_unix_nano for span in collector.spans)
    assert "491701234567" not in str(collector.spans)


def about(span: Span) -> dict[str, str]:
    return {a.key: a.value.string_value or str(a.value.int_value) for a in span.attributes}


async def test_without_a_collector_nothing_is_traced(tmp_path: Path, redis_url: str) -> None:
    """The default: no exporter, no thread of it."""
    async with running_gateway(settings_for(tmp_path, redis_url)) as gateway:
        await gateway.client().get("/health/live")
        threads = {thread.name for thread in threading.enumerate()}

    assert not any("Otel" in name or "BatchSpan" in name for name in threads), threads
