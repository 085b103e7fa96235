"""Sentence vectors by MiniLM (int8, ONNX): ten to twenty milliseconds a sentence on one core."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from agents.speech.models.vectors import Vector, Vectors
from agents.speech.models.weights import MINILM, MINILM_TOKENIZER, load

LONGEST = 64
"""Tokens; what a caller wants is in the first forty words."""
REMEMBERED = 2048
"""Sentences of callers: some come again and again."""


class Embedder:
    """Text → unit vectors of 384 numbers. Sentences seen before cost nothing. `own` is where the
    vectors of examples are kept; `use_stored` False computes everything."""

    def __init__(self, own: Path | None = None, *, use_stored: bool = True) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            load(MINILM), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {one.name for one in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_str(load(MINILM_TOKENIZER).decode())
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.no_padding()
        self._lock = threading.Lock()
        self._recent: OrderedDict[str, Vector] = OrderedDict()
        self._stored = Vectors(MINILM.sha256, own) if use_stored else None

    def __call__(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """One row a sentence. One at a time: padding costs more than batching saves on one core."""
        return np.stack([self._one(sentence) for sentence in sentences])

    def keep(self, sentences: Sequence[str]) -> None:
        """Puts examples' vectors where the next start finds them. Never what a caller said."""
        if self._stored is not None:
            missing = [one for one in sentences if self._stored.get(one) is None]
            self._stored.keep((one, self._one(one)) for one in missing)

    def _one(self, sentence: str) -> Vector:
        with self._lock:
            if (known := self._recent.get(sentence)) is not None:
                self._recent.move_to_end(sentence)
                return known
        if self._stored is not None and (kept := self._stored.get(sentence)) is not None:
            return kept
        vector = self._computed(sentence)
        with self._lock:
            self._recent[sentence] = vector
            if len(self._recent) > REMEMBERED:
                self._recent.popitem(last=False)
        return vector

    def _computed(self, sentence: str) -> Vector:
        ids = np.asarray([self._tokenizer.encode(sentence).ids], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        if "token_type_ids" in self._inputs:
            feeds["token_type_ids"] = np.zeros_like(ids)
        pooled = self._session.run(None, feeds)[0][0].mean(axis=0)
        return np.asarray(pooled / np.linalg.norm(pooled), np.float32)
