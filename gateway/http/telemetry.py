"""Traces by OpenTelemetry, when an endpoint is configured; nothing is loaded otherwise."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from gateway.settings import Settings


class CallOnEveryLine(ASGIMiddleware):
    """What is logged while a request about a call is answered names that call."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        call = scope.get("path_params", {}).get("call")
        with structlog.contextvars.bound_contextvars(**({"call": call} if call else {})):
            await next_app(scope, receive, send)


class Traced(ASGIMiddleware):
    """One span a request, named by its route and never by what is in its path or query."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, tracer: Any) -> None:
        self._tracer = tracer

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        name = f"{scope.get('method', '')} {scope.get('path_template') or 'page'}"
        with self._tracer.start_as_current_span(name) as span:
            call = scope.get("path_params", {}).get("call")
            if call:
                span.set_attribute("switchboard.call", str(call))

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await next_app(scope, receive, noted)


class Traces:
    """Empty unless OTEL_EXPORTER_OTLP_ENDPOINT is set."""

    def __init__(self, settings: Settings) -> None:
        self.middleware: list[ASGIMiddleware] = []
        self._provider: Any = None
        if not settings.otlp_endpoint:
            return
        # Saves the SDK (a third of a second) wherever nobody collects traces.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        endpoint = settings.otlp_endpoint.rstrip("/") + "/v1/traces"
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": "switchboard-gateway"})
        )
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
        self.middleware.append(Traced(self._provider.get_tracer("gateway")))

    async def close(self) -> None:
        """Sends what was not sent yet."""
        if self._provider is not None:
            await asyncio.to_thread(self._provider.shutdown)
