"""Renders every fixed sentence before the first call, in the background of a worker's start."""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
import threading
from collections.abc import Iterable

import msgspec
import structlog
from livekit.agents.utils import http_context
from redis.asyncio import Redis
from redis.exceptions import RedisError

from agents.company.phrases import LANGUAGES, phrases
from agents.plans import NoPlanError, Plans
from agents.providers.models import choose
from agents.providers.session_factory import VOICE_LOST, SessionFactory, voice_detector
from agents.providers.voice import voice_of
from agents.settings import Settings
from agents.speech.client.client import SpeechClient
from dialplans.contracts.speech_wire import SpeechFailedError, SpeechGoneError
from dialplans.model import Dialplan, Phrase
from dialplans.speech.language import base_language
from dialplans.speech.voices import IN_FORCE, Voices

log = structlog.get_logger(__name__)

FIRST = ("greeting", "recording", "to_", "apology", "filler", "goodbye")
"""Words in the keys of sentences that callers hear first: rendered before the others."""


PATIENCE_S = 60.0
"""The speech process may be loading its models still."""
GREETINGS_WITHIN_S = 10.0
"""A worker is not kept from its calls for longer; the voice may be away."""


def render_ahead(
    settings: Settings,
    greeted: threading.Event,
    *,
    patience_s: float = PATIENCE_S,
    greetings_within_s: float = GREETINGS_WITHIN_S,
) -> None:
    """In the first worker of a host that starts; the others find the work done, or being done.
    `greeted` is set once what callers hear first is there, or is not to be had."""
    late = threading.Timer(greetings_within_s, greeted.set)
    late.daemon = True
    late.start()
    try:
        _alone(settings, greeted, patience_s)
    finally:
        late.cancel()
        greeted.set()


def _alone(settings: Settings, greeted: threading.Event, patience_s: float) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "rendering.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        asyncio.run(_render(settings, greeted, patience_s))


async def _render(settings: Settings, greeted: threading.Event, patience_s: float) -> None:
    """Every language; a voice that is away is tried again by the next worker that starts, and
    until then its sentences are synthesised when they are said."""
    choices = choose(settings, os.environ)
    speech = SpeechClient(settings.speech, patience_s=patience_s)
    detector = voice_detector(choices.vad, settings.vad_silence)
    try:
        plan = (await Plans(None, settings.dialplan).pin()).plan
    except NoPlanError:
        plan = None
    await _announce(settings, choices.voices)
    voices = {
        (language, name): voice_of(settings, choices, language, name)
        for language in _languages(plan, choices.voices)
        for name in _voices(plan, language)
    }
    if not any(voices[spoken].missing(greetings(plan, spoken[0])) for spoken in voices):
        greeted.set()  # a worker that comes back finds them
    try:
        await speech.ping(patience_s=patience_s)
    except SpeechGoneError as error:
        log.warning("voice.away", error=str(error))
        if choices.tts.embedded:
            return
    async with http_context.open():  # plugins take theirs from the job, and here is none
        for first, (language, name) in itertools.product((True, False), voices):
            speaker = SessionFactory(choices, settings, speech, language, detector).voice(name)
            voice = voices[language, name]
            if first:
                await voice.render(speaker, greetings(plan, language))
                continue
            greeted.set()
            rendered = await voice.render(speaker, sentences(plan, language))
            await _keep_at_hand(speech, language)
            log.info("voice.rendered_ahead", language=language, voice=name, sentences=rendered)
    await speech.aclose()


async def _keep_at_hand(speech: SpeechClient, language: str) -> None:
    """What our own voice says when it cannot say anything else, whichever voice was chosen."""
    try:
        await speech.prerender([phrases(language).say(VOICE_LOST)], language)
    except (SpeechGoneError, SpeechFailedError) as error:
        log.warning("voice.not_at_hand", language=language, error=str(error))


async def _announce(settings: Settings, voices: Voices) -> None:
    """Whoever is on another machine, such as the console, knows by this what callers hear."""
    try:
        async with Redis.from_url(settings.redis_url, socket_timeout=2.0) as redis:
            await redis.set(IN_FORCE, msgspec.json.encode(voices))
    except RedisError as error:
        log.warning("voices.not_announced", error=str(error))


def _languages(plan: Dialplan | None, voices: Voices) -> list[str]:
    """Those of our numbers and personas as callers hear them, the usual one first; all of ours
    without a plan."""
    if plan is None:
        return [language for language in LANGUAGES if voices.speak(language)]
    own = [persona.language for persona in plan.personas.values() if persona.language]
    said = [*(plan.language_of(number) for number in plan.numbers), *own]
    spoken = [base_language(voices.heard(language)) for language in said]
    return [language for language in LANGUAGES if language in spoken] or ["en"]


def _voices(plan: Dialplan | None, language: str) -> list[str]:
    """The usual one, which has no name, and those of personas that have their own."""
    own = plan.personas.values() if plan else ()
    return list(dict.fromkeys(["", *(persona.voice_in(language) or "" for persona in own)]))


def greetings(plan: Dialplan | None, language: str) -> list[str]:
    """What a caller hears first, and what is said when something is wrong."""
    own = plan.personas.values() if plan else ()
    return [
        *(persona.greeting.said_in(language) for persona in own if persona.greeting is not None),
        *phrases(language).fixed(*FIRST),
    ]


def sentences(plan: Dialplan | None, language: str) -> Iterable[str]:
    """Ours, most urgent first, and those that the plan itself says."""
    ours = phrases(language)
    first = list(ours.fixed(*FIRST))
    rest = [text for text in ours.fixed() if text not in first]
    return [*first, *_of_plan(plan, language), *rest]


def _of_plan(plan: Dialplan | None, language: str) -> list[str]:
    if plan is None:
        return []
    said: list[Phrase | None] = [
        *(persona.greeting for persona in plan.personas.values()),
        *(menu.say for menu in plan.menus.values()),
        *(queue.announce.say for queue in plan.queues.values()),
        *(box.say for box in plan.voicemail.values()),
    ]
    return [phrase.said_in(language) for phrase in said if phrase is not None]
