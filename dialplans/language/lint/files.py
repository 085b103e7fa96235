"""Files that the plan names: there, inside the folder, and readable."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from dialplans.language.build import Path
from dialplans.language.lint.text import control_characters
from dialplans.language.lint.view import View
from dialplans.language.problems import Problem
from dialplans.language.yaml_tree import decode, parse
from dialplans.model import Dialplan
from dialplans.process.reading import MAX_BYTES, UnreadableError

TEXTS = ("prompt", "intents")
MAX_TEXTS = 4 * MAX_BYTES
"""Prompts and intents together, in bytes: they are kept in memory and stored with each revision."""


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
    total = 0
    for path, name in named(view.written):
        if path[-1] not in TEXTS and not view.shelf.has_sounds:
            continue
        if not view.shelf.has(name):
            said = f"there is no file '{name}'"
            problems.append(view.at(path, "E_FILE_MISSING", said, _near(view, name)))
        elif not view.shelf.inside(name, "."):
            said = f"'{name}' leads outside the plan's folder"
            problems.append(view.at(path, "E_FILE_OUTSIDE", said, "put the file itself there"))
        elif (reason := view.shelf.refusal(name)) is not None:
            problems.append(view.at(path, "E_FILE_MISSING", f"'{name}' cannot be read: {reason}"))
        elif path[-1] in TEXTS and name not in texts:
            try:
                texts[name], wrong = _text(view, path, name)
            except UnreadableError as error:
                said = f"'{name}' cannot be read: {error.reason}"
                problems.append(view.at(path, "E_FILE_MISSING", said))
                continue
            problems += wrong
            total += len(texts[name].encode("utf-8", "surrogatepass"))
            if total > MAX_TEXTS:
                said = f"with '{name}' the plan's texts are larger than {MAX_TEXTS // 2**20} MiB"
                problems.append(view.at(path, "E_TOO_LARGE", said, "leave out what is not needed"))
                break
    return problems, texts


def _text(view: View, path: Path, name: str) -> tuple[str, list[Problem]]:
    """Raises UnreadableError."""
    shown = view.shelf.shown(name)
    raw = view.shelf.read(name)
    text, problems = decode(raw, shown)
    if len(raw) > MAX_BYTES:
        said = f"'{name}' is larger than {MAX_BYTES // 2**20} MiB"
        problems = [view.at(path, "E_TOO_LARGE", said, "leave out what is not needed")]
    elif not text.strip():
        problems.append(view.at(path, "E_FILE_EMPTY", f"'{name}' is empty"))
    elif path[-1] == "intents":
        tree, wrong = parse(text, shown)
        problems += [*wrong, *(control_characters(tree) if tree is not None else ())]
    return text, problems


def _near(view: View, name: str) -> str:
    """The same name under another ending, or without its folder."""
    stem = os.path.splitext(name)[0]
    tries = [stem + end for end in (".md", ".txt", ".yaml", ".yml", ".wav", ".ogg", ".mp3")]
    found = next((t for t in [*tries, os.path.basename(name)] if view.shelf.has(t)), None)
    return f"did you mean '{found}'?" if found else "create it; paths begin at this file's folder"
