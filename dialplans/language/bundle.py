"""Everything a plan was made of, in one document: it can be rebuilt where its files are not."""

from __future__ import annotations

import os.path
from dataclasses import replace

import msgspec

from dialplans.language.load import Loaded, load_text


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """`files` holds the plan, its includes, prompts and intents by name, relative to the plan.
    Sound files stay where they are: they are large, and every host has them."""

    revision: str
    main: str
    files: dict[str, str]


def pack(loaded: Loaded) -> Bundle:
    folder, main = os.path.split(loaded.path)
    start = f"{folder}/" if folder else ""
    sources = {name.removeprefix(start): text for name, text in loaded.sources.items()}
    return Bundle(revision=loaded.revision, main=main, files={**sources, **loaded.files})


def unpack(bundle: Bundle) -> Loaded:
    """The plan under the revision it was stored with, also if a newer release of this program
    would name it otherwise. `plan` is None if the bundle comes from an incompatible release."""
    loaded = load_text(bundle.files.get(bundle.main, ""), bundle.main, bundle.files)
    return replace(loaded, revision=bundle.revision)


def encode(bundle: Bundle) -> bytes:
    return msgspec.json.encode(bundle)


def decode(raw: bytes | str) -> Bundle:
    """Raises msgspec.ValidationError or DecodeError for what is not a bundle."""
    return msgspec.json.decode(raw, type=Bundle)
