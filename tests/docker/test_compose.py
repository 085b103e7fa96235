"""The containers agree with the code: ports, names of settings, versions, users."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.local.bootstrap import LIVEKIT_SERVER
from gateway.local.config_files import WEBHOOK_PATH, livekit_config, sip_config
from gateway.local.keys import Keys
from gateway.local.layout import Layout
from gateway.local.tools import LIVEKIT_SIP_VERSION

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
COMPOSE = ("compose.yaml", "compose.scale.yaml")
DOCKERFILES = ("Dockerfile.gateway", "Dockerfile.agents")
LAYOUT = Layout.from_environment({})
DEFAULT = re.compile(r"\$\{(\w+):-([^}]*)\}")
USED = re.compile(r"(?<!\$)\$\{?(\w+)(:?[-?+][^}]*)?")
"""A variable, and what compose does where it is missing."""


def compose(name: str = "compose.yaml") -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DOCKER / name).read_text("utf-8"))
    return found


def services() -> dict[str, dict[str, Any]]:
    """Both files together, as `docker compose -f … -f …` reads them."""
    together: dict[str, dict[str, Any]] = {}
    for name in COMPOSE:
        for service, body in compose(name)["services"].items():
            base = together.get(service, {})
            extended = body.get("extends", {}).get("service")
            together[service] = {**together.get(extended, {}), **base, **body}
    return together


def environment(service: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = service.get("environment", {})
    return found


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docker")
    prepare(folder)
    return folder


def prepare(folder: Path, *arguments: str) -> None:
    command = [sys.executable, str(DOCKER / "prepare.py"), "--folder", str(folder), *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("name", COMPOSE)
def test_the_compose_file_follows_the_schema(name: str) -> None:
    """The schema that comes with check-jsonschema: no network is needed."""
    command = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(DOCKER / name)]
    done = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", DOCKERFILES)
def test_the_dockerfile_has_nothing_to_object_to(name: str) -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [str(hadolint), str(DOCKER / name)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_the_ports_are_the_ones_of_the_code() -> None:
    """A phone, a browser and the documentation notice no difference."""
    wanted = {
        "REDIS_PORT": str(LAYOUT.redis.port),
        "LIVEKIT_PORT": str(LAYOUT.livekit.port),
        "LIVEKIT_TCP_PORT": str(LAYOUT.livekit_tcp),
        "LIVEKIT_UDP_PORT": str(LAYOUT.livekit_udp),
        "GATEWAY_PORT": str(LAYOUT.gateway.port),
        "SIP_PORT": str(LAYOUT.sip.port),
        "SIP_HEALTH_PORT": str(LAYOUT.sip_health.port),
        "RTP_PORTS": f"{LAYOUT.rtp[0]}-{LAYOUT.rtp[1]}",
    }
    text = (DOCKER / "compose.yaml").read_text("utf-8")

    assert module_constant("PORTS") == wanted
    assert {n: v for n, v in DEFAULT.findall(text) if n in wanted}.items() <= wanted.items()


def test_the_second_of_everything_meets_the_first_nowhere() -> None:
    first, second = module_constant("PORTS"), module_constant("SECOND")
    low, high = map(int, second["RTP_PORTS"].split("-"))

    assert not set(first.values()) & set(second.values())
    assert low > LAYOUT.rtp[1]
    assert high > low
    workers = [environment(s).get("SWITCHBOARD_WORKER_PORT") for s in services().values()]
    ports = [port for port in workers if port]
    assert sorted(set(ports)) == sorted(ports)
    assert ports[:2] == [str(worker.port) for worker in LAYOUT.workers]


def module_constant(name: str) -> dict[str, str]:
    import runpy

    found: dict[str, str] = runpy.run_path(str(DOCKER / "prepare.py"))[name]
    return found


def test_the_servers_are_the_versions_that_the_code_was_read_for() -> None:
    images = {s["image"] for s in services().values()}

    assert f"livekit/livekit-server:v{LIVEKIT_SERVER}" in images
    assert f"livekit/sip:v{LIVEKIT_SIP_VERSION}" in images


def test_every_image_is_pinned_to_a_version() -> None:
    """`latest` is another program every month."""
    images = {s["image"] for s in services().values()}
    bases = {
        line.split()[1]
        for name in DOCKERFILES
        for line in (DOCKER / name).read_text("utf-8").splitlines()
        if line.startswith("FROM ")
    }

    assert [i for i in images | bases if not re.search(r":v?\d+\.\d+", i)] == []


def test_our_images_have_the_version_of_the_package() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    version = re.search(r'^version = "(.+)"', project, re.MULTILINE)
    ours = {s["image"] for s in services().values() if s["image"].startswith("switchboard/")}

    assert version is not None
    assert ours == {f"switchboard/{n}:{version.group(1)}" for n in ("gateway", "agents")}


def test_everything_has_a_health_check_and_nobody_is_root() -> None:
    """Ours have theirs in the image."""
    for name, service in services().items():
        own = service["image"].startswith("switchboard/")

        assert "healthcheck" in service or own, name
        assert service["user"].split(":")[0] not in ("root", "0"), name
        assert service["cap_drop"] == ["ALL"], name
    for name in DOCKERFILES:
        lines = (DOCKER / name).read_text("utf-8").splitlines()
        told = [line.partition(" ")[::2] for line in lines]

        assert "HEALTHCHECK" in {what for what, _ in told}
        assert [value for what, value in told if what == "USER"][-1] == "10001:10001"


def test_there_are_two_of_everything() -> None:
    names = set(services())

    assert {"redis", "livekit", "sip", "gateway", "speech"} <= names
    assert {"redis-2", "livekit-2", "sip-2", "gateway-2", "speech-2"} <= names
    assert {f"agents-{n}" for n in (1, 2, 3, 4)} <= names
    assert "SWITCHBOARD_DATABASE_URL" in environment(services()["gateway"])


def test_every_setting_is_one_that_some_process_reads() -> None:
    """A misspelt variable would be ignored without a word."""
    code = "".join(
        file.read_text("utf-8")
        for package in ("gateway", "sip", "agents")
        for file in (ROOT / package).rglob("*.py")
    )
    words = set(re.findall(r"\w+", code))
    named = {n for s in services().values() for n in environment(s) if n.startswith("SWITCHBOARD_")}
    known = named & (words | {f"SWITCHBOARD_{word.upper()}" for word in words})

    assert named - known == set()


def test_no_secret_is_in_a_file_that_is_committed(prepared: Path) -> None:
    """Each secret must come from docker/.env; without it compose says what to run."""
    secrets = [n for n in env_of(prepared) if n.endswith(("SECRET", "PASSWORD"))]
    used = [USED.findall((DOCKER / name).read_text("utf-8")) for name in COMPOSE]
    without = {(name, otherwise) for file in used for name, otherwise in file if name in secrets}

    assert len(secrets) == 4
    assert without == {(name, ":?run docker/prepare.py first") for name in secrets}


def env_of(folder: Path) -> dict[str, str]:
    lines = (folder / ".env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_the_rendered_files_are_what_switchboard_up_writes(prepared: Path) -> None:
    """The same keys of the same servers, but for what only loopback needs."""
    env = env_of(prepared)
    livekit = yaml.safe_load((prepared / "run" / "livekit.yaml").read_text("utf-8"))
    sip = yaml.safe_load((prepared / "run" / "sip.yaml").read_text("utf-8"))
    keys = Keys("k", "s", "p", "x")

    assert livekit.keys() == livekit_config(LAYOUT, keys).keys() - {"bind_addresses"}
    ours = sip_config(LAYOUT, keys)
    assert sip.keys() == ours.keys() - {"listen_ip"}
    limits = [key for key in ours if key.startswith(("max_", "media_", "symmetric"))]
    assert {key: sip[key] for key in limits} == {key: ours[key] for key in limits}
    assert livekit["keys"] == {env["LIVEKIT_API_KEY"]: env["LIVEKIT_API_SECRET"]}
    assert livekit["webhook"]["urls"][0].endswith(f":{LAYOUT.gateway.port}{WEBHOOK_PATH}")
    assert sip["sip_port"] == LAYOUT.sip.port


def test_preparing_again_keeps_the_secrets(prepared: Path) -> None:
    """A new address is taken over; a new password would lock everybody out."""
    before = env_of(prepared)
    prepare(prepared, "--node-ip", "192.0.2.7")
    after = env_of(prepared)

    assert after == {**before, "NODE_IP": "192.0.2.7"}
    assert stat.S_IMODE((prepared / ".env").stat().st_mode) == 0o600
    assert stat.S_IMODE((prepared / "run").stat().st_mode) == 0o700
