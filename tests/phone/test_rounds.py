"""A round of calls to every number."""

from __future__ import annotations

from datetime import UTC, datetime

from dialplans.language.load import load_text
from sip.phone.call import RefusedError
from sip.phone.rounds import Visit, go_round, visits
from sip.phone.script import Conversation, TranscriptLine

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PLAN = """version: 1
timezone: Europe/London
limits: {dial_out: ["+44*"]}
hours: {office: {mon-fri: "08:00-18:00"}}
lists: {nuisance: ["+4490*"]}
trunks:
  local: {allow: ["127.0.0.0/8"]}
  carrier: {allow: ["203.0.113.0/28"], outbound: sip.example.net}
  pbx: {auth: "env:PBX"}
numbers:
  "+442079460100": {trunk: local, route: main}
  "+442079460200": {trunk: carrier, route: main}
  "+442079460300": {trunk: pbx, route: main}
  "+442079460400": {trunk: local, route: closed}
  "+442079460500": {trunk: local, route: duty}
  web: {route: main}
routes:
  main:
    - {when: {caller: nuisance}, do: {reject: 603}}
    - {do: {persona: anna}}
  closed:
    - {when: {hours: office}, do: {reject: 480}}
    - {do: {voicemail: box}}
  duty: [{do: {target: duty}}]
personas: {anna: {prompt: p.md, fallback: {voicemail: box}}}
targets: {duty: {dial: "+442079469999", via: carrier, else: {voicemail: box}}}
voicemail: {box: {max: 60s}}
"""


def skipped(caller: str = "+447700900123", at: datetime = MONDAY) -> dict[str, str]:
    plan = load_text(PLAN, others={"p.md": "You are kind."}).plan
    assert plan is not None
    return {one.number: one.skip for one in visits(plan, caller, at, source="127.0.0.1")}


def test_what_a_test_call_cannot_reach_or_must_not_ring_is_said() -> None:
    """A carrier's own addresses, a password, a refusal of the plan, somebody's telephone; the
    entrance on the web is no number."""
    assert skipped() == {
        "+442079460100": "",
        "+442079460200": "its trunk carrier takes calls from 203.0.113.0/28 only",
        "+442079460300": "its trunk pbx wants a password",
        "+442079460400": "the plan refuses +447700900123 now, with 480",
        "+442079460500": "it would ring a telephone, target duty",
    }


def test_whether_the_plan_refuses_is_asked_of_the_plan() -> None:
    """For this caller and this moment."""
    evening = MONDAY.replace(hour=20)

    assert skipped(at=evening)["+442079460400"] == ""
    assert skipped("+4490111")["+442079460100"] == "the plan refuses +4490111 now, with 603"


async def test_a_silent_number_and_a_refused_one_are_wrong_and_the_round_goes_on() -> None:
    """Every number is tried; what is skipped is neither right nor wrong."""
    told: list[str] = []
    dialled: list[str] = []

    async def dial(number: str) -> Conversation:
        dialled.append(number)
        if number == "3":
            raise RefusedError(488, "Not Acceptable Here")
        heard = [] if number == "1" else [TranscriptLine(0.1, "far end", "(no words)")]
        return Conversation(number=number, caller="+44", lines=heard)

    round_ = [Visit("1"), Visit("2", "it would ring"), Visit("3"), Visit("4")]
    wrong = await go_round(round_, dial, told.append)

    assert dialled == ["1", "3", "4"]
    assert told == ["2 is not dialled: it would ring"]
    assert wrong == [
        "1 answers and is silent",
        f"3 is not put through: {RefusedError(488, 'Not Acceptable Here')}",
    ]
