"""The life of the speech process: load, learn, serve until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import signal
import sys

import structlog

from agents.speech.intents.intent_training import lesson
from agents.speech.intents.intents import IntentFileError, load_intents
from agents.speech.models.weights import BadWeightsError
from agents.speech.server.engine import Engine, load_engine
from agents.speech.server.server import serve
from agents.speech.server.settings import SpeechSettings, read_settings

log = structlog.get_logger("agents.speech")


def main() -> int:
    try:
        settings = read_settings(os.environ)
        engine = load_engine(settings.model, settings.home, workers=settings.workers)
    except (BadWeightsError, ValueError) as error:
        print(f"speech: {error}", file=sys.stderr)
        return 2
    try:
        asyncio.run(_run(engine, settings))
    except OSError as error:
        print(f"speech: {error}", file=sys.stderr)
        return 1
    finally:
        engine.close()
    return 0


async def _run(engine: Engine, settings: SpeechSettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    _learn_what_is_there(engine, settings)
    _give_back_memory()
    await serve(engine, settings.socket, stop)
    log.info("speech.stopped", **engine.figures.summary())


def _give_back_memory() -> None:
    """Loading copied every weight file through memory once; glibc would keep it."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _learn_what_is_there(engine: Engine, settings: SpeechSettings) -> None:
    """The intents beside the dialplan, before the first call needs them. A broken file is told
    here and to whoever loads the plan; it must not keep the others from being answered."""
    for path in sorted(settings.prompts.glob("*.intents.yaml")):
        try:
            engine.learn(lesson(load_intents(path)))
        except IntentFileError as error:
            log.error("speech.bad_intents", problems=error.problems, file=str(path))
