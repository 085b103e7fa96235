"""`switchboard call`: dials a number of the plan, speaks, listens and shows what was said."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dialplans.contracts.speech_wire import SpeechFailedError
from dialplans.language.load import Loaded, load
from dialplans.process.path_argument import path
from dialplans.process.reading import STANDARD_INPUT
from dialplans.process.writing import UnwritableError, refuse_to_write
from dialplans.speech.voices import FALLBACK, here
from sip.phone.audio import BadSoundError, read_wav
from sip.phone.call import PhoneCall, RefusedError
from sip.phone.device import CALLER, Phone
from sip.phone.probe import anybody_there
from sip.phone.rounds import go_round, visits
from sip.phone.script import Conversation, ScriptStep, TranscriptLine, converse
from sip.phone.voice import PhoneVoice

app = typer.Typer(add_completion=False)

WARMING_UP = (480, 503)
"""What a system answers that has just started, on a machine that is still busy with that."""
AGAIN_S = 3.0
LOCAL = "127.0.0.1"
"""Where the test telephone calls from."""

MEANINGS = {
    401: "the trunk wants a user name and a password",
    403: "this address may not call that trunk",
    404: "no such number in the dialplan",
    408: "nobody answered in time",
    480: "no agent worker is there to answer",
    486: "busy, or over a limit",
    487: "the call was cancelled",
    488: "no codec in common",
    503: "the system is over its limit or not ready",
    603: "the dialplan refuses this caller",
}


class _CallError(Exception):
    """Why there was no call, for the person at the terminal; `status` is how the command ends."""

    def __init__(self, why: str, status: int = 1) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class _Wanted:
    number: str | None
    steps: list[ScriptStep]
    caller: str
    server: str
    password: str
    save: Path | None
    patience: float = 0.0
    again_s: float = AGAIN_S

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.server.rpartition(":")
        if not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
            raise _CallError(f"{self.server!r} is not an address like 127.0.0.1:5060")
        return host, int(port)


@app.command()
def call(
    number: Annotated[
        str | None, typer.Argument(help="The number to dial; the first of the dialplan if none.")
    ] = None,
    say: Annotated[list[str] | None, typer.Option(help="Say this; can be given again.")] = None,
    dtmf: Annotated[list[str] | None, typer.Option(help="Press these keys.")] = None,
    wav: Annotated[
        list[Path] | None, typer.Option(help="Play this sound file.", parser=path)
    ] = None,
    caller: Annotated[str, typer.Option("--from", help="The number that calls.")] = CALLER,
    server: Annotated[
        str, typer.Option(envvar="SWITCHBOARD_SIP_LISTEN", help="Where the system takes SIP.")
    ] = "127.0.0.1:5060",
    password: Annotated[str, typer.Option(help="For a trunk with a password.")] = "",
    save: Annotated[
        Path | None, typer.Option(help="Write the call to this WAV, stereo.", parser=path)
    ] = None,
    patience: Annotated[
        float, typer.Option(help="Seconds to go on trying while the system is not ready.")
    ] = 0.0,
    each: Annotated[
        bool,
        typer.Option("--each", help="Dial every number of the dialplan and listen."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Call a number over real SIP, speak, listen, and print what was heard and when.

    Steps are taken as written; after each the phone listens until the far end is done. With --each
    the exit status is 1 if a number is silent or not put through.
    """
    steps = in_order(say or [], dtmf or [], [str(one) for one in wav or []], argv=sys.argv)
    wanted = _Wanted(number, steps, caller, server, password, save, patience)
    try:
        _look_at_files(wav or [], save)
        if each:
            asyncio.run(_round(wanted, as_json=as_json))
            return
        conversation = asyncio.run(_call(wanted, quiet=as_json))
    except _CallError as error:
        if as_json:
            typer.echo(json.dumps({"error": str(error)}))
        else:
            typer.echo(f"switchboard call: {error}", err=True)
        raise typer.Exit(error.status) from None
    if as_json:
        typer.echo(json.dumps(conversation.as_json(), indent=1, ensure_ascii=False))


def _look_at_files(sounds: Sequence[Path], save: Path | None) -> None:
    """Before anything is dialled. Raises _CallError."""
    for sound in sounds:
        if str(sound) == STANDARD_INPUT:
            raise _CallError("a sound is played from a file, not from standard input", 2)
        try:
            read_wav(sound, 8000)
        except BadSoundError as error:
            raise _CallError(f"'{sound}' cannot be played: {error}", 2) from None
    try:
        if save is not None:
            refuse_to_write(save)
    except UnwritableError as error:
        raise _CallError(f"'{save}' cannot be written: {error.reason}", 2) from None


def in_order(
    says: Sequence[str], keys: Sequence[str], wavs: Sequence[str], *, argv: Sequence[str]
) -> list[ScriptStep]:
    """The steps as they stood on the command line, which the parser sorts by option."""
    left = {"say": list(says), "dtmf": list(keys), "wav": list(wavs)}
    steps = []
    for word in argv:
        name = word.partition("=")[0].removeprefix("--")
        if word.startswith("--") and left.get(name):
            steps.append(_step(name, left[name].pop(0)))
    rest = [_step(name, what) for name, values in left.items() for what in values]
    return steps + rest


def _step(name: str, what: str) -> ScriptStep:
    return ScriptStep("say" if name == "say" else "dtmf" if name == "dtmf" else "wav", what)


async def _round(wanted: _Wanted, *, as_json: bool) -> None:
    if wanted.number or wanted.steps or wanted.save:
        raise _CallError("--each dials every number and only listens: leave the rest out")
    file, loaded = _plan()
    plan = loaded.plan
    if plan is None:
        raise _CallError(f"{file} is no dialplan; see `switchboard check`")
    told: list[Conversation] = []

    async def dial(number: str) -> Conversation:
        told.append(await _converse(replace(wanted, number=number), quiet=as_json))
        return told[-1]

    round_ = visits(plan, wanted.caller, datetime.now(UTC), source=LOCAL)
    wrong = await go_round(round_, dial, lambda text: _tell(as_json, text))
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in told], indent=1, ensure_ascii=False))
    if wrong:
        raise _CallError("; ".join(wrong))


async def _call(wanted: _Wanted, *, quiet: bool) -> Conversation:
    try:
        return await _converse(wanted, quiet=quiet)
    except RefusedError as error:
        meaning = MEANINGS.get(error.code or 0, "")
        raise _CallError(f"not put through: {error}{f': {meaning}' if meaning else ''}") from None


async def _converse(wanted: _Wanted, *, quiet: bool) -> Conversation:
    """Raises RefusedError."""
    host, port = wanted.address
    number, language = _dialled(wanted.number)
    if not await anybody_there(host, port):
        raise _CallError(f"nothing answers SIP at {wanted.server}; start it with `switchboard up`")
    conversation = Conversation(number=number, caller=wanted.caller)
    voice = PhoneVoice(_socket(), language)
    try:
        async with Phone(wanted.server) as phone:
            _tell(quiet, f"{wanted.caller} dials {number}")
            ringing = await _put_through(phone, number, wanted, quiet=quiet)
            answered = ringing.answered_at or ringing.dialled_at
            conversation.answer_ms = round((answered - ringing.dialled_at) * 1000)
            _tell(quiet, f"answered after {conversation.answer_ms} ms")
            await converse(
                ringing,
                voice,
                wanted.steps,
                conversation=conversation,
                tell=lambda line: _tell(quiet, shown(line)),
            )
            if wanted.save:
                await asyncio.to_thread(ringing.save, wanted.save)
    except UnwritableError as error:
        raise _CallError(f"'{wanted.save}' cannot be written: {error.reason}") from None
    except BadSoundError as error:
        raise _CallError(f"a sound file was changed meanwhile: {error}") from None
    except SpeechFailedError as error:
        raise _CallError(f"cannot say that in {language!r}: {error}") from None
    finally:
        await voice.aclose()
    _tell(quiet, f"{conversation.ended_by} hung up after {conversation.seconds:g} s")
    return conversation


async def _put_through(phone: Phone, number: str, wanted: _Wanted, *, quiet: bool) -> PhoneCall:
    """An answered call. Raises RefusedError; one that may mean "not yet" only after the patience
    that was asked for."""
    deadline = time.monotonic() + wanted.patience
    while True:
        ringing = await phone.dial(number, caller=wanted.caller, password=wanted.password)
        try:
            await ringing.answered(60)
        except RefusedError as error:
            if error.code not in WARMING_UP or time.monotonic() + wanted.again_s > deadline:
                raise
            _tell(quiet, f"{error}: the system is still warming up, trying again")
            await asyncio.sleep(wanted.again_s)
        else:
            return ringing


def shown(line: TranscriptLine) -> str:
    """A line as the terminal shows it: when, who, how long one waited, what."""
    gap = f"  (after {line.gap_ms} ms)" if line.gap_ms is not None else ""
    return f"{line.at:7.2f}  {'▸' if line.who == 'phone' else '◂'} {line.text}{gap}"


def _tell(quiet: bool, text: str) -> None:
    if not quiet:
        typer.echo(text)


def _dialled(number: str | None) -> tuple[str, str]:
    """The number and the language that is heard there. Raises _CallError if there is no plan to
    choose one from."""
    file, loaded = _plan()
    plan = loaded.plan
    numbers = [name for name in plan.numbers if name != "web"] if plan else []
    if number is None and not numbers:
        why = next((f"; {p.message}" for p in loaded.problems if p.code == "E_FILE"), "")
        raise _CallError(f"say which number: {file} has none{why}")
    chosen = number or numbers[0]
    return chosen, here(os.environ).heard(plan.language_of(chosen)) if plan else FALLBACK


def _plan() -> tuple[str, Loaded]:
    file = os.environ.get("SWITCHBOARD_DIALPLAN") or "dialplans/main.yaml"
    return file, load(file)


def _socket() -> Path:
    home = os.environ.get("SWITCHBOARD_HOME") or ".switchboard"
    return Path(os.environ.get("SWITCHBOARD_SPEECH_SOCKET") or Path(home) / "speech.sock")
