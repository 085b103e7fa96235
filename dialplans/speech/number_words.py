"""The words that numbers are said with, in English and German."""

UNITS = {
    "zero": 0, "oh": 0, "o": 0, "nought": 0, "naught": 0, "one": 1, "won": 1, "two": 2, "too": 2,
    "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ate": 8, "nine": 9,
    "niner": 9,
    "null": 0, "eins": 1, "ein": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fünf": 5,
    "fuenf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
}  # fmt: skip
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "zehn": 10, "elf": 11, "zwölf": 12, "zwoelf": 12, "dreizehn": 13, "vierzehn": 14,
    "fünfzehn": 15, "fuenfzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18,
    "neunzehn": 19,
}  # fmt: skip
TENS = {
    "twenty": 2, "thirty": 3, "forty": 4, "fourty": 4, "fifty": 5, "sixty": 6, "seventy": 7,
    "eighty": 8, "ninety": 9, "zwanzig": 2, "dreißig": 3, "dreissig": 3, "vierzig": 4,
    "fünfzig": 5, "fuenfzig": 5, "sechzig": 6, "siebzig": 7, "achtzig": 8, "neunzig": 9,
}  # fmt: skip
REPEATS = {
    "double": 2, "doppel": 2, "doppelt": 2, "zweimal": 2, "twice": 2, "pair": 2, "triple": 3,
    "treble": 3, "thrice": 3, "dreimal": 3, "dreifach": 3, "quadruple": 4, "viermal": 4,
    "vierfach": 4,
}  # fmt: skip
AMBIGUOUS = frozenset({"o", "oh", "too", "won", "ate", "ein", "acht"})
"""Also everyday words: they count only beside another digit."""
LINKED = frozenset({"o", "oh", "acht"})
"""Of these, those that count beside "and" or "eine", too."""
SOUNDS_LIKE = {"for": 4, "fore": 4, "to": 2}
"""What a recogniser writes for a digit; a digit only among others."""
TIMES = frozenset({"mal", "times", "x"})
ARTICLES = frozenset({"the", "a", "an", "of", "die", "der", "den", "das", "eine", "einer", "ne"})
"""Between a digit and what repeats it: `dreimal die vier`, `a pair of ones`."""
LINKS = ARTICLES | {"and", "then", "und", "dann", "noch"}
"""Between two digits: "fünf und eine acht" are two of them."""
HUNDREDS = frozenset({"hundred", "hundert"})
THOUSANDS = frozenset({"thousand", "tausend"})
