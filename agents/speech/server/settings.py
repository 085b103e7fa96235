"""What the environment says to the speech process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from agents.speech.models.recogniser import Choice

SOCKET = "SWITCHBOARD_SPEECH_SOCKET"
MODEL = "SWITCHBOARD_SPEECH_MODEL"
WORKERS = "SWITCHBOARD_SPEECH_WORKERS"
HOME = "SWITCHBOARD_HOME"
DIALPLAN = "SWITCHBOARD_DIALPLAN"


@dataclass(frozen=True)
class SpeechSettings:
    """`model` is auto, base or tiny.en; `workers` recognise at once, one a core by default."""

    socket: Path
    model: Choice = "auto"
    workers: int = 2
    prompts: Path = Path("dialplans/prompts")

    @property
    def home(self) -> Path:
        """Beside the socket, where both the process and the jobs find what is kept."""
        return self.socket.parent


def socket_path(environment: Mapping[str, str]) -> Path:
    home = environment.get(HOME) or ".switchboard"
    return Path(environment.get(SOCKET) or Path(home) / "speech.sock")


def read_settings(environment: Mapping[str, str]) -> SpeechSettings:
    """Raises ValueError with a sentence for the operator."""
    model = environment.get(MODEL) or "auto"
    choice = next((one for one in get_args(Choice) if one == model), None)
    if choice is None:
        raise ValueError(f"{MODEL} is {model!r}; it can be auto, base or tiny.en")
    workers = environment.get(WORKERS) or str(len(os.sched_getaffinity(0)))
    if not workers.isdigit() or int(workers) < 1:
        raise ValueError(f"{WORKERS} is {workers!r}; it is a number of threads, 1 or more")
    dialplan = Path(environment.get(DIALPLAN) or "dialplans/main.yaml")
    return SpeechSettings(
        socket=socket_path(environment),
        model=choice,
        workers=int(workers),
        prompts=dialplan.parent / "prompts",
    )
