"""The worker's health port: ready only once LiveKit knows the worker.

LiveKit's own endpoint says OK before the worker is registered, and a call that comes in between is
not answered by anybody: nothing dispatches it again.
"""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
from livekit.agents import AgentServer


class Health:
    """`GET /` is 200 or 503; `GET /worker` says how many calls there are. Its own thread answers,
    so that it also answers while the worker starts."""

    def __init__(self, server: AgentServer, address: tuple[str, int], limit: int) -> None:
        self._registered = threading.Event()
        self._server = server
        self._limit = limit
        server.on("worker_registered", self._on_registered)
        health = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = health.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Probes are no news."""

        self._http = ThreadingHTTPServer(address, Handler)
        self.port = int(self._http.server_address[1])

    def _on_registered(self, *_: object) -> None:
        self._registered.set()

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, name="health", daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, path: str) -> tuple[int, bytes]:
        calls = len(self._server.active_jobs) if self._registered.is_set() else 0
        state = {"registered": self._registered.is_set(), "calls": calls, "limit": self._limit}
        if path not in ("/", "/worker"):
            return 404, b"{}"
        return (200 if self._registered.is_set() else 503), msgspec.json.encode(state)
