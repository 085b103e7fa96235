"""The models behind the socket and the threads they run on. Knows nothing of sockets."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import soxr

from agents.speech.models.embed import Embedder
from agents.speech.models.recogniser import Choice, Recogniser, load_recogniser
from agents.speech.models.synthesiser import RATE, Synthesiser
from agents.speech.models.timings import Timings, cpu_model
from agents.speech.models.understand import Ranked, Understanding, plainly
from agents.speech.models.whisper import RATE as HEARING_RATE
from agents.speech.models.whisper import Transcription
from agents.speech.prerender_cache import PrerenderCache
from agents.speech.server.worker_pool import WorkerPool, WorkItem
from dialplans.contracts.speech_wire import BACKGROUND, URGENT, Description, Learn, Recognise, Voice

T = TypeVar("T")

SAMPLE = "I have a question about my last invoice, please."
"""About three seconds, to measure the machine with."""


@dataclass
class Engine:
    """Several calls share it; nothing in it belongs to one of them."""

    recogniser: Recogniser
    synthesiser: Synthesiser
    embedder: Embedder
    hearing: WorkerPool
    talking: WorkerPool
    reading: WorkerPool
    learning: WorkerPool
    figures: Timings = field(default_factory=Timings)
    sets: dict[str, Understanding] = field(default_factory=dict)
    started_at: float = field(default_factory=time.time)

    def hear(self, question: Recognise) -> WorkItem[Transcription]:
        kind = "recognise" if question.priority == URGENT else "speculative"
        pcm, language, digits = question.pcm, question.language, question.digits
        return self.hearing.submit(
            lambda: self._timed(kind, lambda: self.recogniser.hear(pcm, language, digits)),
            question.priority,
        )

    def say(self, sentences: Iterator[bytes], priority: int) -> WorkItem[bytes | None]:
        """The next sentence of `sentences`; None after the last."""
        kind = "prerender" if priority == BACKGROUND else "synthesise"
        return self.talking.submit(
            lambda: self._timed(kind, lambda: next(sentences, None)), priority
        )

    def learn(self, lesson: Learn) -> WorkItem[None]:
        """Embeds the examples of a set of intents unless they are known already."""
        return self.learning.submit(lambda: self._learn(lesson), BACKGROUND)

    def understand(
        self, text: str, digest: str, *, language: str, among: Sequence[str]
    ) -> WorkItem[Ranked]:
        """Raises KeyError at once where nobody taught the set."""
        known = self.sets[digest]
        return self.reading.submit(
            lambda: self._timed("understand", lambda: known.rank(text, language, among)), 0
        )

    def describe(self) -> Description:
        figures = self.figures.summary()
        figures |= {f"measured_{k}_ms": round(v, 1) for k, v in self.recogniser.measured_ms.items()}
        figures["waiting"] = float(
            self.hearing.waiting + self.talking.waiting + self.reading.waiting
        )
        return Description(
            pid=os.getpid(),
            cpu=cpu_model(),
            started_at=self.started_at,
            models=self.recogniser.models(),
            voices=self.voices(),
            figures=figures,
        )

    def voices(self) -> list[Voice]:
        return self.synthesiser.voices()

    def close(self) -> None:
        for workers in (self.hearing, self.talking, self.reading, self.learning):
            workers.close()

    def _learn(self, lesson: Learn) -> None:
        if lesson.digest not in self.sets:
            self.sets[lesson.digest] = Understanding(
                self.embedder, lesson.examples, threshold=lesson.threshold, margin=lesson.margin
            )
            self.embedder.keep([plainly(one.text) for one in lesson.examples if one.sentence])

    def _timed(self, kind: str, work: Callable[[], T]) -> T:
        began = time.perf_counter()
        done = work()
        self.figures.took(kind, (time.perf_counter() - began) * 1000)
        return done


def load_engine(choice: Choice, home: Path | None, *, workers: int) -> Engine:
    """Loads and checks every model, measures the machine and chooses. Some seconds. `home` is where
    phrases, vectors and the measurement are kept for the next start; None keeps nothing."""
    synthesiser = Synthesiser(PrerenderCache(home and home / "phrases"))
    spoken = np.frombuffer(b"".join(synthesiser.say(SAMPLE, "en")), np.int16)
    sample = soxr.resample(spoken.astype(np.float32), RATE, HEARING_RATE).astype(np.int16)
    return Engine(
        recogniser=load_recogniser(
            choice, sample.tobytes(), workers=workers, memory=home and home / "speech.json"
        ),
        synthesiser=synthesiser,
        embedder=Embedder(home and home / "vectors.msgpack"),
        hearing=WorkerPool("hear", workers),
        talking=WorkerPool("talk", 1),
        reading=WorkerPool("read", 1),
        learning=WorkerPool("learn", 1),
    )
