"""Facts of the world's numbering: country codes (ITU-T E.164 annex) and dialling prefixes."""

from __future__ import annotations

_ONE_OR_TWO_DIGITS = """1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56
57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"""
_THREE_DIGITS = """211 212 213 216 218 220-229 230-239 240-246 247-249 250-258 260-269 290 291
297-299 350-359 370-378 379 380-383 385-387 389 420 421 423 500-509 590-599 670 672-679 680-683
685-692 800 808 850 852 853 855 856 870 878 880-883 886 888 960-968 970-977 979 992-996 998"""


def _spelled_out(codes: str) -> frozenset[str]:
    found = []
    for part in codes.split():
        first, _, last = part.partition("-")
        found += [str(n) for n in range(int(first), int(last or first) + 1)]
    return frozenset(found)


CALLING_CODES = _spelled_out(_ONE_OR_TWO_DIGITS) | _spelled_out(_THREE_DIGITS)

_NO_PREFIX = """30 34 39 45 47 48 52 57 65 216 220 221 223 224 225 226 227 228 229 235
236 237 238 239 240 241 242 244 245 246 248 253 257 258 266 267 268 269 290 297 298
299 350 351 352 354 356 357 371 372 376 377 378 420 500 501 502 503 504 505 506 507 508 509
592 597 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688
689 690 691 852 853 965 968 973 974 975"""

TRUNK_PREFIX: dict[str, str] = {
    **dict.fromkeys(_NO_PREFIX.split(), ""),
    "1": "1",
    "7": "8",
    "36": "06",
    "375": "8",
    "993": "8",
}
"""What is dialled before a number within the country; `0` where nothing is said here."""

INTERNATIONAL_PREFIX: dict[str, str] = {
    "1": "011",
    "7": "810",
    "61": "0011",
    "62": "001",
    "65": "001",
    "66": "001",
    "81": "010",
    "82": "001",
    "375": "810",
    "852": "001",
    "855": "001",
    "886": "002",
    "993": "810",
}
"""What is dialled before a country code; `00` where nothing is said here."""
