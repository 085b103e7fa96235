"""What the pages say is true: links, commands, settings, ports, dialplans."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from dialplans.language.load import load, load_text
from gateway.cli.table import TABLE
from gateway.local import licences
from gateway.local.layout import Layout
from gateway.local.processes.services import services
from sip.render import Rendering, render

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "sip/README.md", "docker/README.md", "gateway/local/README.md")
YAML = re.compile(r"^( *)```yaml\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
BASE = "version: 1\ntimezone: Europe/London\nroutes:\n  front: [{do: {reject: 603}}]\n"
SECRETS = dict.fromkeys(
    ("TWILIO", "TELNYX", "ASTERISK", "FRITZBOX", "SIPGATE", "TELEKOM", "ANN", "BOB"),
    "user:password",
)


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def anchor(heading: str) -> str:
    """As a forge makes it from a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    """To a file that is there, and to a heading in it."""
    missing = []
    for target in re.findall(r"\]\(([^)]+)\)", page(name)):
        path, _, heading = target.partition("#")
        if path.startswith("http"):
            continue
        file = (ROOT / name).parent / path if path else ROOT / name
        text = file.read_text("utf-8") if file.suffix == ".md" and file.is_file() else ""
        headings = re.findall(r"^#+ (.+)$", text, re.M)
        if not file.exists() or (heading and heading not in map(anchor, headings)):
            missing.append(target)

    assert missing == []


def examples() -> list[str]:
    blocks = YAML.findall(page("sip/README.md"))
    return [
        "\n".join(line.removeprefix(indent) for line in body.split("\n")) for indent, body in blocks
    ]


@pytest.mark.parametrize("example", examples(), ids=lambda text: text.split("\n")[1].strip(": "))
def test_every_trunk_of_the_page_loads_and_reaches_the_server(example: str) -> None:
    """Copied into a plan as it stands, it becomes an inbound trunk and its rule."""
    loaded = load_text(BASE + example, "page.yaml", {})
    assert loaded.valid, loaded.report()
    assert loaded.plan is not None
    kinds = [w.kind for w in render(loaded.plan, Rendering("main", SECRETS))]

    assert kinds[:2] == ["inbound", "rule"]


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_a_page_names_exists(name: str) -> None:
    commands = {command for brought in TABLE for command in brought.commands}
    named = set(re.findall(r"switchboard (?!is\b|up\b)([a-z]+)(?=[ `;)\n])", code_of(page(name))))

    assert named - commands == set()


def code_of(text: str) -> str:
    """Everything set as code; elsewhere the word is a name in a sentence."""
    spans = re.findall(r"`([^`\n]+)`", text)
    blocks = re.findall(r"^    .+$", text, re.MULTILINE)
    return "\n".join(f"{span}\n" for span in [*spans, *blocks])


@pytest.mark.parametrize("name", PAGES)
def test_every_setting_that_a_page_names_is_read_by_something(name: str) -> None:
    """Settings of the SIP leg are fields whose name lacks the prefix."""
    code = "".join(
        file.read_text("utf-8")
        for package in ("gateway", "sip", "agents")
        for file in (ROOT / package).rglob("*.py")
    )
    named = set(re.findall(r"SWITCHBOARD_\w+", page(name)))
    read = {n for n in named if n in code or f"{n.removeprefix('SWITCHBOARD_').lower()}:" in code}

    assert named - read == set()


def test_the_demo_numbers_are_those_of_the_dialplan() -> None:
    plan = load(ROOT / "dialplans" / "main.yaml").plan
    assert plan is not None
    numbers = [number for number in plan.numbers if number.startswith("+")]

    assert [number for number in numbers if f"`{number}`" not in page("README.md")] == []


def test_the_services_and_their_ports_are_in_the_table() -> None:
    """Of the page about running it on one machine."""
    from gateway.local.keys import Keys

    text = page("gateway/local/README.md")
    running = services(Layout.from_environment({}), Keys.new())
    ports = {str(address.port) for service in running for _, address in service.ports}

    assert [s.name for s in running if f"`{s.name}`" not in text] == []
    assert [port for port in sorted(ports - {"8092"}) if port not in text] == []


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", page("Makefile"), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)`", page("README.md")))

    assert named - targets == set()
    assert {"up", "test", "check", "bench", "down", "clean"} <= targets


def test_the_list_of_licences_is_fresh() -> None:
    """`make licences` writes it; a new dependency has to be looked at."""
    lock = tomllib.loads(page("uv.lock"))

    assert page("THIRD_PARTY.md") == licences.render(lock, ROOT / "web" / "package-lock.json")


def test_nothing_that_users_install_has_a_licence_that_does_not_fit() -> None:
    """GPL programs are processes of their own, never packages that we import."""
    lock = tomllib.loads(page("uv.lock"))
    found = {name: licences.licence(name) for name in licences.runtime(lock)}
    strong = {n: t for n, t in found.items() if re.search(r"(?<!L)GPL", t)}

    assert strong == {}
    assert "unknown" not in found.values()
