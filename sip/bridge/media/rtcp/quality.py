"""How a line sounds, as a number: the E-model (ITU-T G.107) with what is known of a call.

All that a gateway cannot know (loudness, noise, the telephones) is taken at the recommendation's
default values, which together leave 93.2 of 100.
"""

from __future__ import annotations

from dataclasses import dataclass

BEST = 93.2
BEST_WIDE = 129.0
"""G.107.1: the scale of wide-band speech, on which 100 is the best of narrow-band."""

EFFORT_FROM_MS = 177.3
"""One way. From here on people begin to talk into each other."""

PACKET_MS = 20.0

CONCEALED = 25.1
"""Bpl of G.711 where what is lost is concealed (G.113 appendix I)."""


@dataclass(frozen=True)
class Impairment:
    """Of a codec (G.113, appendices I and IV): `equipment` is what it costs without any loss,
    `robustness` (Bpl) how well it bears the loss of packets at random, where nothing conceals it:
    a lost packet of G.722 leaves the same hole as one of G.711."""

    equipment: float
    robustness: float = 4.3
    wide: bool = False


_KNOWN = {
    "PCMU": Impairment(0.0),
    "PCMA": Impairment(0.0),
    "G722": Impairment(13.0, wide=True),
}


def measured(codec: str) -> bool:
    """Whether a MOS can be said of this codec at all."""
    return codec.upper() in _KNOWN


def rating(codec: str, *, loss: float, delay_ms: float, concealed: bool = False) -> float:
    """R, 0 to 100; of wide band brought to that scale. `loss` is a share from 0 to 1, `delay_ms`
    goes from mouth to ear. Raises KeyError for a codec of which G.113 says nothing here."""
    known = _KNOWN[codec.upper()]
    percent = 100.0 * min(1.0, max(0.0, loss))
    robustness = CONCEALED if concealed and not known.wide else known.robustness
    worst = 95.0
    lossy = known.equipment + (worst - known.equipment) * percent / (percent + robustness)
    late = 0.024 * delay_ms + 0.11 * max(0.0, delay_ms - EFFORT_FROM_MS)
    if known.wide:
        return max(0.0, (BEST_WIDE - lossy - late) / (BEST_WIDE / 100.0))
    return max(0.0, BEST - lossy - late)


def mos(rating: float) -> float:
    """1 (bad) to 4.5 (as good as it gets on a telephone), G.107 annex B."""
    if rating <= 0:
        return 1.0
    if rating >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
