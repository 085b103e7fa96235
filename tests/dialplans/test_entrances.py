"""One table of spellings through every entrance: none of them may read a number otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from agents.job.caller import Caller, context
from dialplans.analysis.diff import diff, read_calls
from dialplans.analysis.plan_tests import call_of
from dialplans.commands import app
from dialplans.engine.compiled import CompiledPlan
from dialplans.language.load import load_text
from dialplans.model import Dialplan, PlanTest
from gateway.routing.drafts import as_sent
from gateway.routing.schemas import ExplainWish
from sip.bridge.admission.admission import context_of
from sip.bridge.admission.plan_policy import PlanPolicy
from sip.bridge.signalling.message import check
from sip.bridge.signalling.reading.parse import parse
from tests.fakes.flow import flow_of

PLAN = """
version: 1
timezone: Europe/London
trunks:
  here: {allow: ["127.0.0.1/32"]}
  there: {allow: ["127.0.0.2/32"], country: DE}
numbers:
  "+442079460100": {trunk: here, route: main}
  "+442079460300": {trunk: there, route: main}
  "+493023125100": {trunk: here, route: main}
routes: {main: [{do: {voicemail: box}}]}
voicemail: {box: {max: 60s}}
"""
READ = load_text(PLAN).plan
assert READ is not None
HERE, ABROAD = "+442079460100", "+442079460300"

SPELLINGS = [
    # how the caller is written, the number called, who that is
    ("+493023125700", HERE, "+493023125700"),
    ("+49 (30) 23125-700", HERE, "+493023125700"),
    ("0049 30 23125700", HERE, "+493023125700"),
    ("+49 (0)30 23125700", HERE, "+493023125700"),
    ("sip:+49(0)3023125700@pbx.example.com;user=phone", HERE, "+493023125700"),
    ("tel:23125700;phone-context=+4930", HERE, "+493023125700"),
    ("sip:03023125700;phone-context=+49@ims.example.com;user=phone", HERE, "+493023125700"),
    ("sip:%2B493023125700@pbx.example.com", HERE, "+493023125700"),
    ("tel:+49-30-23125700;ext=12", HERE, "+493023125700"),
    ("+49 30 23125700 x12", HERE, "+493023125700"),
    ("＋49 30 ٢٣١٢٥٧٠٠", HERE, "+493023125700"),
    ("011 49 30 23125700", HERE, "+493023125700"),
    ("030 23125700", "+493023125100", "+493023125700"),
    ("030 23125700", ABROAD, "+493023125700"),
    ("0 77 00 90 01 23", HERE, "+447700900123"),
    ("447700900123", HERE, "+447700900123"),
    ("12125550199", HERE, "+12125550199"),
    ("200", HERE, "200"),
    ("*86", HERE, "*86"),
    ("sip:alice@example.com", HERE, "alice"),
    ("Restricted", HERE, "anonymous"),
    ("anonymous", HERE, "anonymous"),
    ("sip:unavailable@unknown.invalid", HERE, "anonymous"),
    ('"Anonymous" <sip:+447700900123@gw>', HERE, "anonymous"),
    ("<sip:+447700900123@gw>", HERE, "+447700900123"),
]
CALLED = [
    ("+44 (0)20 7946 0100", HERE),
    ("020 79460100", HERE),
    ("tel:+44-20-7946-0100;ext=7", HERE),
    ("sip:%2B442079460100@gw;user=phone", HERE),
    ("030 / 231 251-00", "+493023125100"),
    ("0049 30 23125100", "+493023125100"),
    ("sip:442079460100@gw", HERE),
    ("sip:trunk@gw", "trunk"),
    ("+442079469999", "+442079469999"),
]
WITHHELD = [
    {"Privacy": "id"},
    {"Privacy": "none"},
    {"privacy": "USER;critical", "P-Asserted-Identity": "<tel:+447700900123>"},
    {"Remote-Party-ID": "<sip:+447700900123@gw>;privacy=full"},
]

Entrance = Callable[[Dialplan, str, str, Mapping[str, str]], tuple[str, str]]
NOW = "2026-11-23 10:00"


def by_test(
    plan: Dialplan, called: str, caller: str, headers: Mapping[str, str]
) -> tuple[str, str]:
    """`switchboard test`, and `mutate`."""
    fields = {"name": "x", "to": called, "from": caller, "at": NOW, "headers": headers}
    call = call_of(plan, PlanTest.model_validate({**fields, "expect": "x"}))
    return call.called, call.caller


def by_replay(
    plan: Dialplan, called: str, caller: str, headers: Mapping[str, str]
) -> tuple[str, str]:
    """`switchboard diff --replay`, held against a plan that sends every call elsewhere."""
    everybody = dict.fromkeys((*plan.numbers, "trunk", "+442079469999"), plan.numbers[HERE])
    other = plan.model_copy(update={"routes": {"main": ()}, "numbers": everybody})
    names = [f"header {name}" for name in headers]
    cells = (cell.replace('"', '""') for cell in (called, caller, NOW, *headers.values()))
    lines = [",".join(["to", "from", "at", *names]), ",".join(f'"{cell}"' for cell in cells)]
    call = diff(plan, other, read_calls(lines)).causes[0].examples[0].call
    return call.called, call.caller


def by_console(
    plan: Dialplan, called: str, caller: str, headers: Mapping[str, str]
) -> tuple[str, str]:
    """The routing page's "where would it go"."""
    call = as_sent(plan, ExplainWish(called=called, caller=caller, headers=dict(headers)))
    return call.called, call.caller


def by_invite(
    plan: Dialplan, called: str, caller: str, headers: Mapping[str, str]
) -> tuple[str, str]:
    """The leg, from the bytes that arrive."""

    class Stored:
        def __init__(self) -> None:
            self.current = CompiledPlan(plan)

    frm = caller if "<" in caller else f"<{uri(caller)}>"
    lines = [
        f"INVITE {uri(called)} SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1",
        f"From: {frm};tag=1",
        "To: <sip:+442079460555@elsewhere>",
        "Call-ID: 1",
        "CSeq: 1 INVITE",
        *(f"{name}: {value}" for name, value in headers.items()),
        "",
        "",
    ]
    peer = ("127.0.0.1", 5060)
    request = check(parse("\r\n".join(lines).encode()), peer)  # type: ignore[arg-type]
    call = PlanPolicy(Stored()).read(context_of(request, flow_of(peer)))
    return call.called, call.caller


def by_participant(
    plan: Dialplan, called: str, caller: str, headers: Mapping[str, str]
) -> tuple[str, str]:
    """The worker, from what the leg's participant says."""
    first = by_invite(plan, called, caller, headers)
    said = {"sip.trunkPhoneNumber": first[0], "sip.phoneNumber": first[1]}
    call = context(plan, "call-x", Caller("sip_1", True, said))
    return call.called, call.caller


def by_livekits_leg(
    plan: Dialplan, called: str, caller: str, headers: Mapping[str, str]
) -> tuple[str, str]:
    """The worker behind livekit-sip, which hands on what stands in From and hides nothing."""
    said = {"sip.trunkPhoneNumber": called, "sip.phoneNumber": caller}
    kept = {f"sip.h.{name.lower()}": value for name, value in headers.items()}
    call = context(plan, "call-x", Caller("sip_1", True, {**said, **kept}))
    return call.called, call.caller


def uri(text: str) -> str:
    """As a telephone would send what a person typed."""
    known = text.lower().startswith(("sip:", "sips:", "tel:"))
    return text if known else f"sip:{quote(text, safe='+*()')}@gw.example;user=phone"


ENTRANCES = [by_test, by_replay, by_console, by_invite, by_participant, by_livekits_leg]


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize(("caller", "called", "number"), SPELLINGS)
def test_a_caller_is_the_same_at_every_entrance(
    entrance: Entrance, caller: str, called: str, number: str
) -> None:
    """What a test promises is what the live call does."""
    assert READ is not None
    assert entrance(READ, called, caller, {}) == (called, number)


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize(("written", "number"), CALLED)
def test_a_number_that_is_called_is_the_same_at_every_entrance(
    entrance: Entrance, written: str, number: str
) -> None:
    assert READ is not None
    assert entrance(READ, written, "+447700900123", {})[0] == number


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("headers", WITHHELD, ids=lambda h: "+".join(h.values()))
def test_a_number_is_withheld_at_every_entrance_or_at_none(
    entrance: Entrance, headers: Mapping[str, str]
) -> None:
    """`Privacy: none` asks for nothing; every other word hides the caller."""
    assert READ is not None
    shown = "+447700900123" if headers.get("Privacy") == "none" else "anonymous"

    assert entrance(READ, HERE, "+447700900123", headers) == (HERE, shown)


@pytest.mark.parametrize("command", ["explain", "simulate"])
def test_the_command_line_reads_them_too(command: str, tmp_path: Path) -> None:
    """Headers that are given twice count twice."""
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN)
    asked = [command, str(file), "--to", "020 7946 0100", "--from", "+49 (0)30 23125700"]
    withheld = ["--header", "Privacy: none", "--header", "Privacy: id"]
    run = CliRunner()

    shown, _ = json.JSONDecoder().raw_decode(
        run.invoke(app, [*asked, "--json", "--at", NOW]).stdout
    )
    hidden = run.invoke(app, [*asked, "--at", NOW, *withheld]).stdout

    assert (shown["call"]["called"], shown["call"]["caller"]) == (HERE, "+493023125700")
    assert hidden.startswith(f"anonymous calls {HERE}")
