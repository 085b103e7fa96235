"""A PostgreSQL of the tests' own, in a temporary folder, run by somebody who is not root."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.stack.free_ports import free_ports

_USER = "postgres"


def binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).parent if there else None


def _as_user(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", _USER, "--", *command] if os.geteuid() == 0 else list(command)


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """Yields the URL of an empty database, without `+driver`: `postgresql://…`."""
    folder = binaries()
    assert folder is not None, "install PostgreSQL: apt-get install postgresql"
    home = Path(tempfile.mkdtemp(prefix="sb-pg-"))
    if os.geteuid() == 0:
        shutil.chown(home, _USER)
    port = free_ports(1)[0]
    data = str(home / "data")
    try:
        subprocess.run(
            _as_user(str(folder / "initdb"), "-D", data, "-U", _USER, "-A", "trust", "-N"),
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=home,
        )
        options = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]
        server = subprocess.Popen(
            _as_user(
                str(folder / "postgres"), "-D", data, "-p", str(port), "-k", str(home), *options
            ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=home,
        )
        try:
            _wait(folder, port)
            yield f"postgresql://{_USER}@127.0.0.1:{port}/postgres"
        finally:
            _stop(Path(data), server)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _wait(folder: Path, port: int) -> None:
    ask = [str(folder / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    for _ in range(300):
        if subprocess.run(ask, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")


def _stop(data: Path, server: subprocess.Popen[bytes]) -> None:
    """By the id that the server wrote down itself: `runuser` stands between us and it."""
    number = int((data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(number, signal.SIGINT)
    server.wait(20)
