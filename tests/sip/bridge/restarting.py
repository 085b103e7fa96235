"""redis-server and livekit-server that a test may stop and start again, on the same ports."""

from __future__ import annotations

import contextlib
import signal

from tests.stack.servers import LiveKit, Servers


class Restarting:
    """Each server in a context of its own, so that one can go while the other stays. What was
    started ends with the block, the last one first."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self._running: dict[str, contextlib.ExitStack] = {}

    def __enter__(self) -> Restarting:
        return self

    def __exit__(self, *_: object) -> None:
        for name in reversed(self.servers.processes):
            self._end(name)

    def start(self, name: str) -> LiveKit:
        with contextlib.ExitStack() as stack:
            made = stack.enter_context(getattr(self.servers, name)())
            self._running[name] = stack.pop_all()
        return made  # type: ignore[no-any-return]

    def start_missing(self) -> None:
        """A test that failed between a stop and the start leaves no gap for the next one."""
        for name, process in list(self.servers.processes.items()):
            if process.poll() is not None:
                self._end(name)
                self.start(name)

    def stop(self, name: str, how: signal.Signals) -> None:
        """SIGKILL leaves the server no time to say goodbye; SIGTERM does."""
        process = self.servers.processes[name]
        assert process.poll() is None, f"{name} ended by itself with {process.returncode}"
        process.send_signal(how)
        self._end(name)

    def stop_gently(self, name: str) -> None:
        self.stop(name, signal.SIGTERM)

    def _end(self, name: str) -> None:
        if (running := self._running.pop(name, None)) is not None:
            running.close()
