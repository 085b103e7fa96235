"""Sentence vectors by MiniLM (int8, ONNX): a few milliseconds a sentence on one core."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from agents.speech.weights import MINILM, MINILM_TOKENIZER, load

LONGEST = 64
"""Tokens; what a caller wants is in the first forty words."""
REMEMBERED = 2048
"""Sentences of callers: some come again and again."""

Vectors = NDArray[np.float32]


class Embedder:
    """Text → unit vectors of 384 numbers. Sentences seen before cost nothing."""

    def __init__(self, remembered: Path | None = None) -> None:
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
        self._file = remembered
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._written = self._read()

    def __call__(self, sentences: Sequence[str]) -> Vectors:
        """One row a sentence. One at a time: padding costs more than batching saves on one core."""
        return np.stack([self._one(sentence) for sentence in sentences])

    def keep(self, sentences: Sequence[str]) -> None:
        """Writes the vectors of examples to disk, so that the next start need not compute them.
        Never what a caller said. A disk that refuses costs the next start some seconds."""
        missing = [one for one in dict.fromkeys(sentences) if one not in self._written]
        if self._file is None or not missing:
            return
        self._written |= {one: self._one(one).astype(np.float16).tobytes() for one in missing}
        part = self._file.with_suffix(f".{os.getpid()}.part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.write_bytes(msgspec.msgpack.encode((MINILM.sha256, self._written)))
            part.replace(self._file)
        except OSError:
            part.unlink(missing_ok=True)

    def _read(self) -> dict[str, bytes]:
        try:
            data = self._file.read_bytes() if self._file else b""
            model, written = msgspec.msgpack.decode(data, type=tuple[str, dict[str, bytes]])
        except (OSError, msgspec.MsgspecError):
            return {}
        return written if model == MINILM.sha256 else {}

    def _one(self, sentence: str) -> Vectors:
        with self._lock:
            if (known := self._known.get(sentence)) is not None:
                self._known.move_to_end(sentence)
                return known
        if (kept := self._written.get(sentence)) is not None:
            return np.frombuffer(kept, np.float16).astype(np.float32)
        encoded = self._tokenizer.encode(sentence)
        ids = np.asarray([encoded.ids], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        if "token_type_ids" in self._inputs:
            feeds["token_type_ids"] = np.zeros_like(ids)
        output = self._session.run(None, feeds)[0][0]
        pooled = output.mean(axis=0) if output.ndim == 2 else output
        vector = np.asarray(pooled / np.linalg.norm(pooled), np.float32)
        with self._lock:
            self._known[sentence] = vector
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return vector
