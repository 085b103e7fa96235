"""`python -m agents.speech.models.ship_vectors`: the vectors of all shipped examples, anew."""

from __future__ import annotations

import sys
from pathlib import Path

from agents.speech.intents.intents import load_intents
from agents.speech.models.embed import Embedder
from agents.speech.models.understand import plainly, smalltalk
from agents.speech.models.vectors import SHIPPED, packed, vector_key, write
from agents.speech.models.weights import MINILM


def main(prompts: Path) -> int:
    """Computes the vectors of all examples under `prompts` and of the small talk."""
    sentences = set(map(plainly, smalltalk()))
    for path in sorted(prompts.glob("*.intents.yaml")):
        sentences |= {plainly(text) for _, text in load_intents(path).examples("en")}
    embedder = Embedder(use_stored=False)
    stored = {vector_key(one): packed(embedder([one])[0]) for one in sorted(sentences)}
    write(SHIPPED, MINILM.sha256, stored)
    sys.stdout.write(f"{len(stored)} vectors in {SHIPPED}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "dialplans/prompts")))
