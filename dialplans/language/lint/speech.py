"""What callers hear: in their language, and nothing that comes too late to be said."""

from __future__ import annotations

from collections.abc import Iterator

from dialplans.language.build import Path
from dialplans.language.lint.view import View, actions
from dialplans.language.problems import Problem
from dialplans.model import Dialplan, Phrase, Reject, Say
from dialplans.speech.language import base_language


def phrases(plan: Dialplan) -> Iterator[tuple[Path, Phrase]]:
    """Every phrase in a plan as written."""
    for located in actions(plan):
        if isinstance(located.action, Say):
            yield (*located.path, "say"), located.action.say
    for name, persona in plan.personas.items():
        if persona.greeting is not None:
            yield ("personas", name, "greeting"), persona.greeting
        if persona.record is not None and persona.record.say is not None:
            yield ("personas", name, "record", "say"), persona.record.say
    for name, menu in plan.menus.items():
        yield ("menus", name, "say"), menu.say
    for name, queue in plan.queues.items():
        if queue.announce.say is not None:
            yield ("queues", name, "announce", "say"), queue.announce.say
    for name, mailbox in plan.voicemail.items():
        if mailbox.say is not None:
            yield ("voicemail", name, "say"), mailbox.say
    if plan.recording.say is not None:
        yield ("recording", "say"), plan.recording.say


def check(view: View) -> Iterator[Problem]:
    plan = view.written
    spoken = {base_language(plan.language_of(key)) for key in plan.numbers}
    for path, phrase in phrases(plan):
        has = {base_language(key) for key in phrase.by_language}
        lacking = sorted(spoken - has) if "" not in has else []
        own = view.plan.personas[str(path[1])].language if path[0] == "personas" else None
        if lacking and (own is None or base_language(own) not in has):
            said = f"callers of numbers in {', '.join(lacking)} would hear another language"
            yield view.at(path, "W_LANGUAGE", said, f"add {lacking[0]}: …")
    for located in actions(plan):
        if isinstance(located.action, Reject) and located.path[0] != "routes":
            said = "a call that was answered cannot be rejected any more"
            hint = "say something instead: {say: …}"
            yield view.at((*located.path, "reject"), "E_REJECT_LATE", said, hint)
