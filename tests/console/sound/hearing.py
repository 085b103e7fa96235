"""What the ears heard of the supervisor, judged by the diary of what the supervisor did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.console.sound.tones import WINDOW_S, decibels
from tests.console.taking_part import SPOKEN, Stay

FLIGHT_S = 1.5
"""Sound that left before a microphone closed arrives so much later at the very latest."""

ARRIVAL_S = 0.4
"""After a microphone was opened its tone is looked for so much later; it may come sooner."""

SILENT = ("idle", "listen")
SECRET_DB = -60.0
HEARD_DB = -12.0
FAINT = 0.05
"""Of full scale. A supervisor is far above it at every ear; below it are traces of the others."""

HEARD_SHARE = 0.3
"""Packets are late or lost on a busy machine, and a voice that has just begun fades in; in modes
where nobody may be heard nothing is forgiven."""

Rows = NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """Of one ear. `leaks`: windows in which a tone was heard that must not be, as
    (second, decibels, what the supervisor was doing)."""

    where: str
    reference: float
    windows: dict[str, int]
    loudest: dict[str, float]
    heard: dict[str, float]
    leaks: list[tuple[float, float, str]]

    def __str__(self) -> str:
        modes = ", ".join(
            f"{mode} {self.loudest[mode]:.0f} dB in {n} windows" for mode, n in self.windows.items()
        )
        heard = ", ".join(f"{mode} in {share:.0%}" for mode, share in self.heard.items())
        return f"{self.where}: {modes}; heard: {heard}; {len(self.leaks)} leaks {self.leaks[:5]}"


def judge(where: str, rows: Rows, stays: list[Stay], audible: tuple[str, ...] = SPOKEN) -> Verdict:
    """`rows` are (begin, end, amplitude of the supervisor's tone) at one ear; in the modes of
    `audible`, and shortly after them, this ear may hear it, and nowhere else: changing from one
    silent mode to another counts too. The reference is how loud it is in the audible ones."""
    open_, settled = _open(stays, audible), _settled(stays)
    loud = [
        amplitude
        for begin, end, amplitude in rows
        if (mode := _mode(settled, begin, end)) in audible
    ]
    reference = float(np.median(loud)) if loud else 0.0
    assert reference > FAINT, f"{where} hardly heard the supervisor at all: {reference:.4f}"
    windows: dict[str, int] = {}
    loudest: dict[str, float] = {}
    heard: dict[str, list[bool]] = {}
    leaks = []
    for begin, end, amplitude in rows:
        db = decibels(float(amplitude), reference)
        mode = _mode(settled, begin, end)
        if mode in audible:
            heard.setdefault(mode, []).append(db > HEARD_DB)
        if any(begin < closes and end > opens for opens, closes in open_):
            continue
        doing = mode or "changing"
        windows[doing] = windows.get(doing, 0) + 1
        loudest[doing] = max(loudest.get(doing, -200.0), db)
        if db > SECRET_DB:
            leaks.append((round(float(begin - rows[0][0]), 2), round(db, 1), doing))
    shares = {mode: float(np.mean(found)) for mode, found in heard.items()}
    return Verdict(where, reference, windows, loudest, shares, leaks)


def _open(stays: list[Stay], audible: tuple[str, ...]) -> list[tuple[float, float]]:
    return [(s.wished, s.left + FLIGHT_S) for s in stays if s.mode in audible]


def _settled(stays: list[Stay]) -> list[tuple[float, float, str]]:
    """When each mode was true for so long that its sound must have arrived."""
    return [
        (s.settled + (0.0 if s.mode in SILENT else ARRIVAL_S), s.left, s.mode)
        for s in stays
        if s.settled is not None and s.left - s.settled > WINDOW_S
    ]


def _mode(settled: list[tuple[float, float, str]], begin: float, end: float) -> str | None:
    return next((mode for a, b, mode in settled if a <= begin and end <= b), None)
