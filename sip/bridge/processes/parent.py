"""The leg as a whole: one process for signalling, media workers beside it, and whoever of them dies
is started again.

The parent has loaded what they need and forks them, which takes some 20 ms where a start of Python
takes over a second, and shares the memory of it. It runs no thread and no event loop of its own,
and what it holds outlives whoever uses it: the sockets of SIP, and those that workers listen at.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from dialplans.telephony.numbers import load_numbering
from sip.bridge.processes import media, signalling
from sip.bridge.processes.lifeline import NOT_STARTED
from sip.bridge.runtime.settings import Settings
from sip.bridge.transport.sockets import Sockets, bind

log = structlog.get_logger()

SOON_SECONDS = 5.0
"""Whoever dies within this of its start is started again later and later."""
FIRST_WAIT, MOST_WAIT = 0.2, 10.0
LAST_SECONDS = 8.0
"""A worker leaves its rooms within this."""
WAITING_CONNECTIONS = 4
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
CRASHED = 70
"""The exit status of a process that an exception has ended (EX_SOFTWARE)."""


@dataclass(eq=False)
class Child:
    """One process, for as long as the leg runs. `run` is its work, and gives its exit status."""

    name: str
    run: Callable[[], int]
    pid: int = 0
    since: float = 0.0
    wait: float = FIRST_WAIT
    due: float = field(default=0.0)
    """When it is to be started, while it has no pid."""

    def died(self, status: int) -> None:
        now = time.monotonic()
        soon = now - self.since < SOON_SECONDS
        self.due = now + (self.wait if soon else 0.0)
        self.wait = min(2 * self.wait, MOST_WAIT) if soon else FIRST_WAIT
        log.error("process.died", process=self.name, status=status)


class Parent:
    """Runs the first of `children` until it has ended for good, and the others for as long."""

    def __init__(self, children: Callable[[int], list[Child]]) -> None:
        """`children` is given the lifeline."""
        self._ending = False
        self._noticed, self._notice = os.pipe()
        self._lifeline, self._ours = os.pipe()
        for end in (self._noticed, self._notice):
            os.set_blocking(end, False)
        self._children = children(self._lifeline)

    def run(self) -> int:
        """The exit status of the first."""
        gc.collect()
        gc.freeze()
        for what in SIGNALS:
            signal.signal(what, self._signalled)
        signal.set_wakeup_fd(self._notice)
        try:
            return self._look_after_them()
        finally:
            self._end_workers()

    def _look_after_them(self) -> int:
        main = self._children[0]
        while True:
            now = time.monotonic()
            for child in self._children:
                if not child.pid and child.due <= now:
                    self._start(child)
            due = min((child.due for child in self._children if not child.pid), default=now + 60)
            select.select([self._noticed], [], [], max(0.0, due - now))
            with contextlib.suppress(BlockingIOError):
                os.read(self._noticed, 4096)
            for child, status in self._reap():
                if child is main and (self._ending or status == NOT_STARTED):
                    return status
                child.died(status)

    def _reap(self) -> list[tuple[Child, int]]:
        found = []
        for child in self._children:
            if child.pid:
                pid, status = os.waitpid(child.pid, os.WNOHANG)
                if pid:
                    child.pid = 0
                    found.append((child, os.waitstatus_to_exitcode(status)))
        return found

    def _start(self, child: Child) -> None:
        child.since = time.monotonic()
        sys.stdout.flush()
        sys.stderr.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        child.pid = os.fork()
        if child.pid:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            return
        status = CRASHED
        try:
            self._become_child()
            status = child.run()
        except SystemExit as leaving:
            status = leaving.code if isinstance(leaving.code, int) else CRASHED
        except BaseException:
            log.exception("process.failed", process=child.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _become_child(self) -> None:
        signal.set_wakeup_fd(-1)
        for what in SIGNALS:
            signal.signal(what, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        for end in (self._noticed, self._notice, self._ours):
            os.close(end)

    def _signalled(self, what: int, _: object) -> None:
        """Signalling waits for its calls, or ends them; whoever is asked twice does not wait."""
        if what != signal.SIGCHLD:
            self._ending = True
            if self._children[0].pid:
                os.kill(self._children[0].pid, what)

    def _end_workers(self) -> None:
        workers = self._children[1:]
        for worker in workers:
            if worker.pid:
                os.kill(worker.pid, signal.SIGTERM)
        until = time.monotonic() + LAST_SECONDS
        while any(worker.pid for worker in workers) and time.monotonic() < until:
            self._reap()
            time.sleep(0.01)
        for worker in workers:
            if worker.pid:
                os.kill(worker.pid, signal.SIGKILL)
                os.waitpid(worker.pid, 0)


def run_leg(settings: Settings) -> int:
    """Until signalling has ended for good; its exit status."""
    try:
        sockets = bind(settings.sip_listen, settings.tls_files.address)
    except OSError as error:
        log.error("bridge.not_started", error=str(error))
        return NOT_STARTED
    load_numbering()
    with tempfile.TemporaryDirectory(prefix="switchboard-sip-") as folder:
        return Parent(lambda lifeline: _children(settings, sockets, Path(folder), lifeline)).run()


def _children(settings: Settings, sockets: Sockets, folder: Path, lifeline: int) -> list[Child]:
    count = settings.media_workers
    listening = [_listen(folder / str(index)) for index in range(count)]
    return [
        Child("signalling", lambda: signalling.run(settings, sockets, folder, count, lifeline)),
        *(
            Child(f"media {index}", partial(media.run, settings, one, lifeline))
            for index, one in enumerate(listening)
        ),
    ]


def _listen(path: Path) -> socket.socket:
    """Held here, so that whoever connects while the worker is started again waits for it."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(str(path))
    listening.listen(WAITING_CONNECTIONS)
    return listening
