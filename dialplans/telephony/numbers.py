"""Telephone numbers in international form (ITU-T E.164), however they are written.

Carriers, old telephone systems and people write one number in many ways; which country a national
form belongs to is said by the trunk, or by the number of ours that was called. What is here is the
only reader: whatever has a number from outside asks it, so that no two of them can disagree.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from dialplans.telephony.addresses import Address, address

E164 = re.compile(r"\+[1-9]\d{4,14}\Z", re.ASCII)

_TWO_DIGITS = "2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
_NO_ZERO = re.compile(rf"\+(?>[17]|{_TWO_DIGITS}|\d{{3}})[1-9]\d+\Z", re.ASCII)
"""E.164 where nothing can be amiss: no zero stands after the country code. ITU-T E.164 gives out
codes so that their first digits say how long they are."""

_EXTENSION = re.compile(r"(?<=\d)[\s,;]*(?:ext(?:ension|n)?|x|#|,)[\s:.=]*\d{1,8}#?\s*\Z", re.I)
_SEPARATORS = frozenset(".-/()[]·\u2212\u2043")
_SEPARATOR_KINDS = frozenset(("Pd", "Zs", "Zl", "Zp", "Cf"))
"""Dashes, spaces, and the marks of direction that come along when a number is copied."""

_SHORTEST = 6
"""Shorter ones are extensions, service codes and emergency calls, nobody's number."""
_SHORTEST_BARE = 7
"""The same for numbers that begin with no prefix at all."""
_SHORTEST_FOREIGN = 10
"""So long is what a carrier sends of a foreign number if it leaves out nothing but the plus."""
_LONGEST = 24


def is_e164(text: str) -> bool:
    return E164.match(text) is not None


def load_numbering() -> None:
    """Reads the world's numbering plans, a quarter of a second; else the first number that needs
    them waits for it. For processes in which a caller would be the one to wait."""
    normalise("00 49 30 23125100", "DE")


def known_country(code: str) -> bool:
    """Whether this is a country or territory with telephones (ISO 3166-1 alpha-2)."""
    import phonenumbers  # saves 60 ms of start-up where no number is read

    return code in phonenumbers.SUPPORTED_REGIONS


def calling_code(number: str) -> str | None:
    """`49` of `+4989…`; None for what is no number or begins with no code in use."""
    if not is_e164(number):
        return None
    import phonenumbers  # saves 60 ms of start-up where no number is read

    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return next((number[1:n] for n in (2, 3, 4) if int(number[1:n]) in known), None)


@lru_cache(maxsize=16_384)
def normalise(text: str, like: str) -> str | None:
    """`text` in E.164, or None if it is no number that can be told from others worldwide.

    `text` may be a URI, a header's address, or written by hand. National forms are read as in the
    country of `like`, a number in E.164 or the code of a country.

    >>> normalise("089 123456", like="+498920001000")
    '+4989123456'
    >>> normalise("011 44 20 7946 0000", like="US")
    '+442079460000'
    >>> normalise("<sip:+49(0)89123456@pbx.example.com;user=phone>", like="GB")
    '+4989123456'
    """
    if is_e164(text) and _NO_ZERO.match(text):
        return text
    return _number_of(address(text), like)


def read(text: str, like: str) -> str:
    """The number as routing sees it: in E.164, or as it was sent, without what surrounds it."""
    return normalise(text, like) or address(text).user


def _number_of(written: Address, like: str) -> str | None:
    digits = _dialled(written.user)
    context = _dialled(written.parameters.get("phone-context", ""))
    if not digits or len(digits) < _SHORTEST:
        return None
    if not digits.startswith("+") and context.startswith("+"):
        digits = context + digits
    without_zero = "(0)" in written.user.replace(" ", "")
    if digits.startswith("+"):
        return _international(digits, optional_zero=without_zero)
    return _national(digits, _region(like))


def _dialled(text: str) -> str:
    """Digits of any script without separators and extension, perhaps after a plus; "" if anything
    else is there: a name, a service code such as *86."""
    text = _EXTENSION.sub("", unicodedata.normalize("NFKC", text))
    found = []
    for c in text.strip():
        if (digit := unicodedata.decimal(c, None)) is not None:
            found.append(str(digit))
        elif c == "+":
            found.append(c)
        elif c not in _SEPARATORS and unicodedata.category(c) not in _SEPARATOR_KINDS:
            return ""
    digits = "".join(found)
    plain = digits.lstrip("+")
    if "+" in plain or len(plain) > _LONGEST:
        return ""
    if len(plain) < len(digits):
        return "+" + plain.removeprefix("00")  # +0049… says twice that a country code follows
    return plain


def _region(like: str) -> str | None:
    if not is_e164(like):
        return like if len(like) == 2 and like.isupper() and known_country(like) else None
    import phonenumbers  # saves 60 ms of start-up where no number is read

    code = calling_code(like)
    return phonenumbers.region_code_for_country_code(int(code)) if code else None


def _international(digits: str, *, optional_zero: bool = False) -> str | None:
    """Most countries drop the zero after their code, which many write (E.123 §3); some have one
    that belongs to the number. `optional_zero`: it stood in brackets."""
    if is_e164(digits) and _NO_ZERO.match(digits):
        return digits
    found = _parsed(digits, None)
    code = calling_code(found.number) if found is not None else None
    if optional_zero and code and digits.startswith(f"+{code}0") and not (found and found.valid):
        shorter = _parsed(f"+{code}{digits[len(code) + 2 :]}", None)
        found = shorter if shorter is not None and shorter.possible else found
    if found is not None and found.possible:
        return found.number
    return digits if is_e164(digits) else None


def _national(digits: str, region: str | None) -> str | None:
    if region is None and not digits.startswith("0"):
        return None  # without a country there is nothing to tell a number from an account
    foreign = _foreign(digits)
    home = _parsed(digits, region) if region is not None else None
    if region is None or home is None or not home.possible:
        return foreign.number if foreign is not None else None
    if home.prefixed:
        return home.number
    unusual = not home.valid or len(digits) > _usual_length(region)
    if unusual and foreign is not None and foreign.valid:
        return foreign.number
    return home.number if len(digits) >= _SHORTEST_BARE else None


def _foreign(digits: str) -> _Reading | None:
    """What begins with a prefix that others dial, or with a country code that lacks its plus."""
    for prefix in ("00", "011"):
        if digits.startswith(prefix):
            found = _parsed("+" + digits.removeprefix(prefix), None)
            return found if found is not None and found.possible else None
    if digits.startswith("0") or len(digits) < _SHORTEST_FOREIGN:
        return None
    found = _parsed("+" + digits, None)
    return found if found is not None and found.possible else None


@lru_cache(maxsize=256)
def _usual_length(region: str) -> int:
    """Digits of the country's numbers as a rule, area code included; some countries allow more."""
    import phonenumbers as world  # saves 60 ms of start-up where no number is read

    kinds = (world.PhoneNumberType.FIXED_LINE, world.PhoneNumberType.MOBILE)
    examples = (world.example_number_for_type(region, kind) for kind in kinds)
    return max((len(str(e.national_number)) for e in examples if e is not None), default=15)


@dataclass(frozen=True, slots=True)
class _Reading:
    number: str
    possible: bool
    """Long enough and not too long for its country, area code included."""
    valid: bool
    """In a range that its country gives out."""
    prefixed: bool
    """It began with the prefix of its country, or with one that leads abroad."""


def _parsed(digits: str, region: str | None) -> _Reading | None:
    import phonenumbers as world  # saves 60 ms of start-up where no number is read

    try:
        number = world.parse(digits, region, keep_raw_input=True)
    except world.NumberParseException:
        return None
    written = world.format_number(number, world.PhoneNumberFormat.E164)
    if not is_e164(written):
        return None
    source = number.country_code_source
    by_code = source != world.CountryCodeSource.FROM_DEFAULT_COUNTRY
    national = written.removeprefix(f"+{number.country_code}")
    long_enough = world.is_possible_number_with_reason(number)
    valid = world.is_valid_number(number)
    return _Reading(
        number=written,
        # Where no number begins with a zero, one that is left over shows that none was meant.
        possible=long_enough == world.ValidationResult.IS_POSSIBLE
        and (valid or not number.italian_leading_zero),
        valid=valid,
        prefixed=by_code or len(national) < len(digits),
    )
