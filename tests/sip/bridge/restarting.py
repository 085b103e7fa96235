"""redis-server and livekit-server that a test may stop and start again, on the same ports."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterable

from tests.stack.servers import LiveKit, Servers

BOTH = ("redis", "livekit")
"""In the order in which they start."""


class Restarting:
    """Each server in a context of its own, so that one can go while the other stays."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self._running: dict[str, contextlib.ExitStack] = {}

    def __enter__(self) -> Restarting:
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            self.start("redis")
            self.livekit: LiveKit = self.start("livekit")
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for name in reversed(BOTH):
            self._running.pop(name, contextlib.ExitStack()).close()

    def start(self, name: str) -> LiveKit:
        with contextlib.ExitStack() as stack:
            made = stack.enter_context(getattr(self.servers, name)())
            self._running[name] = stack.pop_all()
        return made  # type: ignore[no-any-return]

    def start_missing(self, names: Iterable[str] = BOTH) -> None:
        """A test that failed between a stop and the start leaves no gap for the next one."""
        for name in names:
            if name not in self._running or self.servers.processes[name].poll() is not None:
                self._running.pop(name, contextlib.ExitStack()).close()
                self.start(name)

    def stop(self, name: str, how: signal.Signals) -> None:
        """SIGKILL leaves the server no time to say goodbye; SIGTERM does."""
        process = self.servers.processes[name]
        assert process.poll() is None, f"{name} ended by itself with {process.returncode}"
        process.send_signal(how)
        self._running.pop(name).close()

    def stop_gently(self, name: str) -> None:
        self.stop(name, signal.SIGTERM)
