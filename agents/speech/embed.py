"""Sentence vectors by MiniLM (int8, ONNX): a few milliseconds a sentence on one core."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from agents.speech.weights import MINILM, MINILM_TOKENIZER, load

LONGEST = 64
"""Tokens; what a caller wants is in the first forty words."""
REMEMBERED = 4096

Vectors = NDArray[np.float32]


class Embedder:
    """Text → unit vectors of 384 numbers. Sentences seen before cost nothing."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            load(MINILM), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {one.name for one in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_str(load(MINILM_TOKENIZER).decode())
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.no_padding()
        self._known: OrderedDict[str, Vectors] = OrderedDict()

    def __call__(self, sentences: Sequence[str]) -> Vectors:
        """One row a sentence. One at a time: padding costs more than batching saves on one core."""
        return np.stack([self._one(sentence) for sentence in sentences])

    def _one(self, sentence: str) -> Vectors:
        if (known := self._known.get(sentence)) is not None:
            self._known.move_to_end(sentence)
            return known
        encoded = self._tokenizer.encode(sentence)
        ids = np.asarray([encoded.ids], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        if "token_type_ids" in self._inputs:
            feeds["token_type_ids"] = np.zeros_like(ids)
        output = self._session.run(None, feeds)[0][0]
        pooled = output.mean(axis=0) if output.ndim == 2 else output
        vector = np.asarray(pooled / np.linalg.norm(pooled), np.float32)
        self._known[sentence] = vector
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return vector
