"""The worker's health port: ready only once a call that comes now is answered as fast as any.

LiveKit's own endpoint says OK before the worker is registered, and a call that comes in between is
not answered by anybody: nothing dispatches it again. A call that comes before a job process is warm
or before the greetings are rendered is answered late.
"""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
from livekit.agents import AgentServer

from agents.livekit_private import warm_processes


class Health:
    """`GET /` is 200 or 503; `GET /worker` says how many calls there are. Its own thread answers,
    so that it also answers while the worker starts. Once ready it stays so: a process that is
    replaced while calls go on is no reason to restart a worker.

    Python's own server: aiohttp's would need a loop in that thread, and be no shorter.
    """

    def __init__(
        self,
        server: AgentServer,
        address: tuple[str, int],
        limit: int,
        *,
        greeted: threading.Event | None = None,
    ) -> None:
        self._registered = threading.Event()
        self._warm = False
        self._greeted = greeted
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
        if path not in ("/", "/worker"):
            return 404, b"{}"
        registered = self._registered.is_set()
        self._warm = self._warm or (registered and warm_processes(self._server) > 0)
        greeted = self._greeted is None or self._greeted.is_set()
        state = {
            "registered": registered,
            "warm": self._warm,
            "greetings": greeted,
            "calls": len(self._server.active_jobs) if registered else 0,
            "limit": self._limit,
        }
        ready = registered and self._warm and greeted
        return (200 if ready else 503), msgspec.json.encode(state)
