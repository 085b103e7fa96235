"""A real speech process on a socket of its own, and speech to feed it with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from agents.speech.client.client import SpeechClient
from agents.speech.intents.intents import IntentSet, load_intents

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = ROOT / "dialplans" / "prompts"
STARTS_S = 100.0

Pcm = NDArray[np.int16]


@dataclass
class SpeechProcess:
    """`python -m agents.speech` as the system starts it."""

    home: Path
    model: str = "tiny.en"
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.home / "speech.log"

    @property
    def socket(self) -> Path:
        return self.home / "speech.sock"

    def start(self) -> None:
        environment = os.environ | {
            "SWITCHBOARD_HOME": str(self.home),
            "SWITCHBOARD_SPEECH_SOCKET": str(self.socket),
            "SWITCHBOARD_SPEECH_MODEL": self.model,
            "SWITCHBOARD_DIALPLAN": str(ROOT / "dialplans" / "main.yaml"),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "agents.speech"],
                cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def wait_ready(self) -> None:
        deadline = time.monotonic() + STARTS_S
        while not self.socket.exists():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


@pytest.fixture(scope="session")
def speech_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpeechProcess]:
    process = SpeechProcess(tmp_path_factory.mktemp("speech"))
    process.start()
    process.wait_ready()
    yield process
    if process.process and process.process.poll() is None:
        process.terminate()


@pytest.fixture
def client(speech_process: SpeechProcess) -> SpeechClient:
    """Closed by its test, in whose loop it lives."""
    return SpeechClient(speech_process.socket, patience_s=40)


@pytest.fixture(scope="session")
def reception() -> IntentSet:
    return load_intents(PROMPTS / "reception.intents.yaml")


@pytest.fixture(scope="session")
def voice() -> Spoken:
    return Spoken()


class Spoken:
    """Sentences as 16 kHz samples, spoken by the voice that ships with us."""

    def __init__(self) -> None:
        from hibari import Hibari

        self._hibari = Hibari(threads=1)
        self._said: dict[str, Pcm] = {}

    def __call__(self, text: str) -> Pcm:
        if text not in self._said:
            wide = soxr.resample(self._hibari(text, seed=0), 24_000, 16_000)
            samples = np.asarray(np.clip(wide, -1, 1) * 32767, np.int16)
            loud = np.flatnonzero(np.abs(samples) > 300)
            self._said[text] = samples[loud[0] : loud[-1] + 1]
        return self._said[text]


def silence(seconds: float) -> Pcm:
    return np.zeros(int(seconds * 16_000), np.int16)


def tones(seconds: float, *frequencies: float, level: float = 4000) -> Pcm:
    clock = np.arange(int(seconds * 16_000)) / 16_000
    wave = sum((np.sin(2 * np.pi * f * clock) for f in frequencies), np.zeros_like(clock))
    return np.asarray(wave * level, np.int16)
