"""Brings what a machine lacks: run by the system's own Python, before there is anything of ours.

    python3 gateway/local/bootstrap.py up|test|servers|web

Only the standard library, and no import of this project: nothing is installed yet. Asks nothing;
what it cannot do itself it says in one line, with the command that would.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
UV = "0.13.9"
LIVEKIT_SERVER = "1.13.5"
LIVEKIT_PACKAGE = "github.com/livekit/livekit-server/cmd/server"
FOR_USE = ("-ldflags=-s -w", "-gcflags=all=-dwarf=false")
"""What only a debugger would read is not compiled first and then thrown away."""
OLDEST_GO = (1, 21)
"""From 1.21 on, the Go command fetches the newer tool chain that a module asks for by itself."""
HEARTBEAT_S = 15.0
Lane = Sequence[Callable[[], object]]
"""Steps of which each needs the one before."""

APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "--no-install-recommends")

WITHOUT_TESTS = ("--no-dev", "--inexact")
"""What the product needs; packages for its tests that are there already stay."""
AS_LOCKED = ("--no-save", "--no-audit", "--no-fund", "--loglevel=error")

RUNNING = {"redis-server": "redis-server", "espeak-ng": "espeak-ng"}
TESTING = {
    **RUNNING,
    "chromium": "chromium",
    "sip-tester": "sipp",
    "asterisk-core-sounds-en-wav": "/usr/share/asterisk/sounds/en*/*.wav",
    "postgresql": "/usr/lib/postgresql/*/bin/initdb",
    "sox": "sox",
    "ffmpeg": "ffmpeg",
}
"""Debian package → the program or file that shows that it is there."""


def main(argv: Sequence[str]) -> int:
    wanted: dict[str, tuple[Lane, ...]] = {
        "up": (
            (lambda: packages(RUNNING), lambda: python(*WITHOUT_TESTS)),
            (servers,),
            (web,),
        ),
        "test": ((lambda: packages(TESTING), python), (servers,), (web_tools, web)),
        "check": ((python,), (web_tools,)),
        "servers": ((servers,),),
        "web": ((web,),),
    }
    if len(argv) != 1 or argv[0] not in wanted:
        return stop(f"usage: bootstrap.py {'|'.join(wanted)}")
    side_by_side(wanted[argv[0]])
    return 0


def side_by_side(lanes: Sequence[Lane]) -> None:
    """Fetching waits for the network while the server is compiled. What fails is said at once, and
    ends it all when the other lanes are through: what they have brought stays for the next time."""
    with ThreadPoolExecutor(len(lanes)) as pool:
        for lane in [pool.submit(walk, lane) for lane in lanes]:
            lane.result()


def walk(lane: Lane) -> None:
    for step in lane:
        step()


def packages(wanted: dict[str, str]) -> None:
    missing = [name for name, proof in wanted.items() if not present(proof)]
    if not missing:
        return
    command = [*APT, "install", *missing]
    if not shutil.which("apt-get"):
        stop(f"install these with your package manager: {', '.join(missing)}")
    if os.geteuid() != 0:
        stop(f"run this once as root: apt-get install -y {' '.join(missing)}")
    run("package lists", [*APT, "update"], quiet=True)
    run(f"installing {', '.join(missing)}", command, quiet=True)


def present(proof: str) -> bool:
    return bool(glob.glob(proof)) if proof.startswith("/") else shutil.which(proof) is not None


def python(*options: str) -> None:
    """The environment that the lock file describes, in `.venv`."""
    run("Python packages", [uv(), "sync", "--locked", "--quiet", *options])


def uv() -> str:
    """The one on the PATH, else one of our own in the cache."""
    found = shutil.which("uv")
    if found:
        return found
    own = CACHE / "uv-venv"
    if not (own / "bin" / "uv").exists():
        make_venv(own)
        pip = [str(own / "bin" / "pip"), "install", "--quiet", f"uv=={UV}"]
        run(f"uv {UV}", pip)
    return str(own / "bin" / "uv")


def make_venv(folder: Path) -> None:
    """Debian keeps part of `venv` in a package of its own."""
    command = [sys.executable, "-m", "venv", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return
    shutil.rmtree(folder, ignore_errors=True)
    packages({"python3-venv": "/nonexistent"})
    run("a Python environment for uv", command)


def servers() -> None:
    """livekit-server from our pinned module, unless this version is on the PATH already."""
    target = CACHE / "bin" / "livekit-server"
    for candidate in (str(target), shutil.which("livekit-server") or ""):
        if candidate and version(candidate) == LIVEKIT_SERVER:
            return
    go = shutil.which("go")
    found = go_version(go) if go else None
    if go is None or found is None or found < OLDEST_GO:
        have = "is not installed" if found is None else f"{found[0]}.{found[1]} is too old"
        stop(
            f"livekit-server {LIVEKIT_SERVER} has to be built, and Go {have}. Install Go 1.26 from "
            "go.dev/dl, or put the official binary on the PATH: "
            f"github.com/livekit/livekit/releases/tag/v{LIVEKIT_SERVER}"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_suffix(".new")
    what = f"building livekit-server {LIVEKIT_SERVER} (about 2 minutes the first time)"
    build = [str(go), "build", "-C", str(ROOT / "docker" / "servers"), *FOR_USE, "-o", str(new)]
    # Without C, as LiveKit builds its own releases: nothing else of this machine is needed.
    run(what, ["env", "CGO_ENABLED=0", *build, LIVEKIT_PACKAGE])
    new.replace(target)


def version(binary: str) -> str:
    try:
        done = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    found = re.search(r"version v?(\d+\.\d+\.\d+)", done.stdout)
    return found.group(1) if found else ""


def go_version(go: str) -> tuple[int, int] | None:
    done = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    found = re.match(r"go(\d+)\.(\d+)", done.stdout.strip())
    return (int(found.group(1)), int(found.group(2))) if found else None


def web_tools() -> None:
    """What the console is built and tested with; again only when the lock file has changed."""
    folder = ROOT / "web"
    if not (folder / "package.json").exists():
        return
    if not shutil.which("npm"):
        stop("Node 20 or newer is missing: run `apt-get install nodejs npm`")
    stamp = folder / "node_modules" / ".package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < (folder / "package-lock.json").stat().st_mtime:
        # Not `npm ci`: it refuses a lock file that lacks the optional packages of other platforms,
        # and mirrors do not carry all of them. Versions and checksums are the lock file's here too.
        run("console packages", ["npm", "--prefix", str(folder), "install", *AS_LOCKED])
        stamp.touch()


def web() -> None:
    folder = ROOT / "web"
    if not (folder / "package.json").exists():
        return
    built = folder / "dist" / "index.html"
    sources = [p for p in (folder / "src").rglob("*") if p.is_file()]
    sources += [folder / "package-lock.json", folder / "index.html"]
    if built.exists() and built.stat().st_mtime > max(p.stat().st_mtime for p in sources):
        return
    web_tools()
    run("building the console", ["npm", "--prefix", str(folder), "run", "build"], quiet=True)


def run(what: str, command: Sequence[str], *, quiet: bool = False) -> None:
    """Says what is going on, again every 15 seconds, and shows the output of what fails."""
    say(what)
    ended = threading.Event()
    began = time.monotonic()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_S):
            say(f"  … {what.split(' (')[0]}: {time.monotonic() - began:.0f} s")

    threading.Thread(target=beat, daemon=True).start()
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
        )
    finally:
        ended.set()
    if done.returncode != 0:
        sys.stdout.write(done.stdout or "")
        stop(f"{what}: failed; the command was: {' '.join(command)}")


def say(text: str) -> None:
    sys.stdout.write(f"==> {text}\n" if not text.startswith(" ") else f"{text}\n")
    sys.stdout.flush()


def stop(text: str) -> int:
    sys.stderr.write(f"switchboard: {text}\n")
    raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
