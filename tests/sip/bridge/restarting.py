"""redis-server and livekit-server that a test may stop and start again, on the same ports."""

from __future__ import annotations

import contextlib
import signal
from types import TracebackType

import psutil

from tests.stack.servers import LiveKit, Servers


class Restarting:
    """Each server in a context of its own, so that one can go while the other stays."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self._running: dict[str, contextlib.ExitStack] = {}
        self._processes: dict[str, psutil.Process] = {}

    def __enter__(self) -> Restarting:
        self.start("redis")
        self.livekit: LiveKit = self.start("livekit")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in ("livekit", "redis"):
            if name in self._running:
                self.stop(name, signal.SIGTERM)

    def start(self, name: str) -> LiveKit:
        stack = self._running[name] = contextlib.ExitStack()
        others = {child.pid for child in psutil.Process().children()}
        made = stack.enter_context(getattr(self.servers, name)())
        (self._processes[name],) = [
            child
            for child in psutil.Process().children()
            if child.pid not in others and child.name() == f"{name}-server"
        ]
        return made  # type: ignore[no-any-return]

    def stop(self, name: str, how: signal.Signals) -> None:
        """SIGKILL leaves the server no time to say goodbye; SIGTERM does."""
        self._processes[name].send_signal(how)
        self._running.pop(name).close()

    def stop_gently(self, name: str) -> None:
        self.stop(name, signal.SIGTERM)
