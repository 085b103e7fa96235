"""Makes the secrets and writes the configuration for `docker compose`. Run it once, and again after
changing a setting in docker/.env: nothing that is there already is made anew.

    python3 docker/prepare.py [--node-ip ADDRESS]

Only the standard library: a host that runs containers need not have our packages.
"""

from __future__ import annotations

import argparse
import os
import secrets
import socket
import string
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PORTS = {
    "REDIS_PORT": "6389",
    "LIVEKIT_PORT": "7880",
    "LIVEKIT_TCP_PORT": "7881",
    "LIVEKIT_UDP_PORT": "7882",
    "GATEWAY_PORT": "8090",
    "SIP_PORT": "5060",
    "SIP_HEALTH_PORT": "8092",
    "RTP_PORTS": "20000-20999",
}
"""As `switchboard up` uses them, so that a phone notices no difference."""
SECOND = {
    "LIVEKIT_PORT": "7890",
    "LIVEKIT_TCP_PORT": "7891",
    "LIVEKIT_UDP_PORT": "7892",
    "GATEWAY_PORT": "8190",
    "SIP_PORT": "5062",
    "SIP_HEALTH_PORT": "8192",
    "RTP_PORTS": "21000-21999",
}
"""For the second of everything in compose.scale.yaml, when both are on one host."""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--node-ip", help="where phones and browsers reach this host")
    parser.add_argument("--folder", type=Path, default=FOLDER, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    env = settings(options.folder / ".env", options.node_ip)
    render(options.folder, env)
    sys.stdout.write(
        f"Wrote {options.folder}/.env and {options.folder}/run/ for {env['NODE_IP']}.\n"
        "Next: docker compose -f docker/compose.yaml up --detach --build --wait\n"
    )
    return 0


def settings(path: Path, node_ip: str | None) -> dict[str, str]:
    """What the file says stays; what it lacks is made. Secrets are readable by the owner only."""
    found = read_env(path)
    made = {
        "LIVEKIT_API_KEY": "SB" + secrets.token_hex(6),
        "LIVEKIT_API_SECRET": secrets.token_urlsafe(36),
        "REDIS_PASSWORD": secrets.token_urlsafe(24),
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "SESSION_SECRET": secrets.token_urlsafe(36),
        "NODE_IP": own_address(),
    }
    env = {**made, **PORTS, **found, **({"NODE_IP": node_ip} if node_ip else {})}
    text = "".join(f"{name}={value}\n" for name, value in env.items())
    write(path, text, 0o600)
    return env


def read_env(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


def own_address() -> str:
    """The address that this host uses on its network; loopback if it has no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: connecting a datagram socket only looks up the route.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def render(folder: Path, env: dict[str, str]) -> None:
    """The containers run under another user, so the files are readable and the folder is not."""
    target = folder / "run"
    target.mkdir(exist_ok=True)
    target.chmod(0o700)
    for name in ("livekit", "sip"):
        template = string.Template((FOLDER / f"{name}.yaml").read_text("utf-8"))
        write(target / f"{name}.yaml", template.substitute(env), 0o644)
        write(target / f"{name}-2.yaml", template.substitute({**env, **SECOND}), 0o644)


def write(path: Path, text: str, mode: int) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
