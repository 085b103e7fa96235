"""`switchboard doctor`: which provider does what, why, and what is missing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import msgspec
from rich.console import Console
from rich.table import Table

from agents.personas.handover_context import CARRIED
from agents.plans import NoPlanError, Plans
from agents.providers.models import Choices, choose
from agents.settings import Settings
from agents.speech.client.client import SpeechClient
from agents.stages.voicemail_notify import missing
from dialplans.contracts.speech_wire import Description, SpeechGoneError
from dialplans.language.leg_capabilities import Leg, LegPresent, legs_present, running, sentences
from dialplans.language.unspoken_languages import ADVICE, sentence
from dialplans.model import Dialplan
from dialplans.speech.language import base_language

PING_S = 1.0


@dataclass(frozen=True)
class Finding:
    """One line of the table. `state` is ok, note or problem."""

    part: str
    active: str
    state: str
    why: str
    asked: str = ""


def of_choices(choices: Choices) -> list[Finding]:
    """What the settings lead to; something asked for and not possible is a problem."""
    return [
        Finding(
            part=choice.part,
            active=choice.active,
            state="problem" if choice.problem else "ok",
            why=f"{choice.problem}; {choice.why}" if choice.problem else choice.why,
            asked=choice.asked,
        )
        for choice in choices.all()
    ]


def of_speech(
    speech: Description | None, choices: Choices, languages: Sequence[str]
) -> list[Finding]:
    """What the speech process can do for the languages of our numbers."""
    needed = choices.stt.embedded or choices.tts.embedded or choices.llm.embedded
    if speech is None:
        state = "problem" if needed else "note"
        return [Finding("speech process", "not running", state, "start it: switchboard up")]
    found = [Finding("speech process", f"pid {speech.pid}", "ok", speech.cpu)]
    for language in languages:
        if choices.stt.embedded:
            model = speech.models.get(language) or speech.models.get("*", "")
            found.append(
                Finding(
                    f"hears {language}", model or "nothing", _good(model), "embedded recogniser"
                )
            )
        if choices.tts.embedded:
            found.append(_voice(speech, language))
    return found


def _good(found: str) -> str:
    return "ok" if found else "problem"


def _voice(speech: Description, language: str) -> Finding:
    voice = next((v for v in speech.voices if v.language == language), None)
    part = f"speaks {language}"
    if voice is None:
        why = f"{sentence(language, 'its callers')}; {ADVICE}"
        return Finding(part, "nothing", "problem", why)
    if voice.quality == "robotic":
        why = "understandable, not pleasant: for a human voice set SWITCHBOARD_TTS and its key"
        return Finding(part, voice.name, "note", why)
    return Finding(part, voice.name, "ok", f"{voice.quality} voice")


def of_plan(plan: Dialplan, speech: Description | None, choices: Choices) -> list[Finding]:
    """What the dialplan asks of its personas and the agents do not know: the call goes on with the
    usual voice, and without what cannot be carried."""
    found = []
    spoken = {language_of(plan, number) for number in plan.numbers}
    for name, persona in plan.personas.items():
        if unknown := [word for word in persona.carry if word not in CARRIED]:
            why = f"unknown to the shipped personas; they carry {', '.join(CARRIED)}"
            found.append(Finding(f"persona {name}", f"carry {', '.join(unknown)}", "note", why))
        for language in sorted({persona.language} if persona.language else spoken):
            voice = persona.voice_in(language)
            if voice and choices.tts.embedded and speech is not None:
                found += _voice_of(name, voice, base_language(language), speech)
    for name, box in plan.voicemail.items():
        if box.notify and (wanting := missing(box.notify, os.environ)):
            why = f"{wanting}: nobody is told about a message"
            found.append(Finding(f"voicemail {name}", box.notify, "problem", why))
    return found


def _voice_of(persona: str, voice: str, language: str, speech: Description) -> list[Finding]:
    known = [one.name for one in speech.voices if one.language == language]
    if voice in known:
        return [Finding(f"persona {persona}, {language}", voice, "ok", "its own voice")]
    why = f"no voice '{voice}' here, the usual one speaks; there is {', '.join(known) or 'none'}"
    return [Finding(f"persona {persona}, {language}", "usual voice", "problem", why, voice)]


def language_of(plan: Dialplan, number: str) -> str:
    return base_language(plan.language_of(number))


async def examine(settings: Settings) -> list[Finding]:
    choices = choose(settings, os.environ)
    client = SpeechClient(settings.speech, patience_s=PING_S)
    try:
        speech = await client.ping(patience_s=PING_S)
    except SpeechGoneError:
        speech = None
    finally:
        await client.aclose()
    try:
        plan = (await Plans(None, settings.dialplan).pin()).plan
        own = {base_language(one.language) for one in plan.personas.values() if one.language}
        languages = sorted({language_of(plan, number) for number in plan.numbers} | own)
        shown = [
            Finding("dialplan", str(settings.dialplan), "ok", f"{len(plan.numbers)} numbers"),
            *of_plan(plan, speech, choices),
            *of_leg(plan, await asyncio.to_thread(_leg_of, settings)),
            *of_legs(await asyncio.to_thread(_legs_of, settings)),
        ]
    except (NoPlanError, OSError) as error:
        languages = ["en"]
        shown = [
            Finding("dialplan", str(settings.dialplan), "problem", str(error).splitlines()[-1])
        ]
    return [*of_choices(choices), *of_speech(speech, choices, languages), *shown]


def of_leg(plan: Dialplan, leg: Leg | None) -> list[Finding]:
    """What the SIP leg in use cannot do of the plan; None is one that cannot be asked."""
    if leg is None:
        return [Finding("SIP leg", "not running", "note", "start it: switchboard up")]
    if not leg.name:
        return [Finding("SIP leg", "none", "note", "no leg says that it runs: switchboard status")]
    found = [
        Finding("SIP leg", leg.name, "problem", f"{said}; {leg.advice}")
        for said in sentences(plan, leg)
    ]
    fine = Finding("SIP leg", leg.name, "ok", "nothing that the plan asks for is beyond it")
    return found or [fine]


def of_legs(legs: Sequence[LegPresent]) -> list[Finding]:
    """Each of several on one Redis; of one alone there is nothing more to say."""
    if len(legs) < 2:
        return []
    return [
        Finding(
            f"SIP leg {leg.name}",
            leg.at,
            "ok" if leg.takes else "note",
            "registers accounts" if leg.leads else "" if leg.takes else "takes no calls out now",
        )
        for leg in legs
    ]


def _legs_of(settings: Settings) -> list[LegPresent]:
    try:
        return legs_present(settings.redis_url)
    except OSError:
        return []


def _leg_of(settings: Settings) -> Leg | None:
    try:
        return running(settings.redis_url)
    except OSError:
        return None


def main(settings: Settings, *, as_json: bool) -> int:
    """Prints the table; 1 if there is a problem. Nothing is changed."""
    findings = asyncio.run(examine(settings))
    if as_json:
        print(msgspec.json.encode([asdict(finding) for finding in findings]).decode())
    else:
        _print(findings)
    return int(any(finding.state == "problem" for finding in findings))


_COLOURS = {"ok": "green", "note": "yellow", "problem": "red"}


def _print(findings: Sequence[Finding]) -> None:
    table = Table(title="Who hears, thinks and speaks", title_justify="left")
    for column in ("part", "setting", "active", "", "why"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        state = f"[{_COLOURS[finding.state]}]{finding.state}[/]"
        table.add_row(finding.part, finding.asked, finding.active, state, finding.why)
    Console().print(table)
