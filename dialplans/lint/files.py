"""Files that the plan names: there, inside the folder, and readable."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from dialplans.lint.view import View
from dialplans.model import Dialplan
from dialplans.problems import Problem
from dialplans.reading import UnreadableError
from dialplans.shape import Path
from dialplans.source import MAX_BYTES, decode, parse

TEXTS = ("prompt", "intents")


def named(plan: Dialplan) -> Iterator[tuple[Path, str]]:
    """Every file in a plan as written, with where it is named."""
    for name, persona in plan.personas.items():
        if persona.prompt is not None:
            yield ("personas", name, "prompt"), persona.prompt
        if persona.intents is not None:
            yield ("personas", name, "intents"), persona.intents
    for name, queue in plan.queues.items():
        if queue.announce.music is not None:
            yield ("queues", name, "announce", "music"), queue.announce.music
    for name, mailbox in plan.voicemail.items():
        if mailbox.greeting is not None:
            yield ("voicemail", name, "greeting"), mailbox.greeting


def read(view: View) -> tuple[list[Problem], dict[str, str]]:
    """What is wrong with the files, and the text of prompts and intents. Sound is not opened."""
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for path, name in named(view.written):
        if path[-1] not in TEXTS and not view.shelf.has_sounds:
            continue
        if not view.shelf.has(name):
            said = f"there is no file '{name}'"
            problems.append(view.at(path, "E_FILE_MISSING", said, _near(view, name)))
        elif not view.shelf.inside(name, "."):
            said = f"'{name}' leads outside the plan's folder"
            problems.append(view.at(path, "E_FILE_OUTSIDE", said, "put the file itself there"))
        elif path[-1] in TEXTS and name not in texts:
            try:
                raw = view.shelf.read(name)
            except UnreadableError as error:
                said = f"'{name}' cannot be read: {error.reason}"
                problems.append(view.at(path, "E_FILE_MISSING", said))
                continue
            text, wrong = decode(raw, view.shelf.shown(name))
            texts[name] = text
            problems += wrong
            if len(raw) > MAX_BYTES:
                problems.append(view.at(path, "E_TOO_LARGE", f"'{name}' is too large"))
            elif not text.strip():
                problems.append(view.at(path, "E_FILE_EMPTY", f"'{name}' is empty"))
            elif path[-1] == "intents":
                problems += parse(text, view.shelf.shown(name))[1]
    return problems, texts


def _near(view: View, name: str) -> str:
    """The same name under another ending, or without its folder."""
    stem = os.path.splitext(name)[0]
    tries = [stem + end for end in (".md", ".txt", ".yaml", ".yml", ".wav", ".ogg", ".mp3")]
    found = next((t for t in [*tries, os.path.basename(name)] if view.shelf.has(t)), None)
    return f"did you mean '{found}'?" if found else "create it; paths begin at this file's folder"
