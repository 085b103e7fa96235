"""Telephone numbers and patterns of them: `+4989123456`, `+4930555*`, `anonymous`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from dialplans.model.values.base import fail, text_of
from dialplans.telephony.numbers import E164, known_country, normalise

_PREFIX = re.compile(r"\+[1-9]\d{0,13}\*\Z|\*\Z|\+\*\Z", re.ASCII)
_WEB = re.compile(r"web(?:-[a-z0-9-]{1,40})?\Z", re.ASCII)
_INTERNAL = re.compile(r"[0-9]{2,4}\Z", re.ASCII)
ANY_NUMBER = "*"
_LIST = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z", re.ASCII)


def _normal(text: str, info: ValidationInfo) -> str:
    """A way out for somebody who wrote a number as it is dialled at home, or with spaces."""
    if text.lower().startswith("anon"):
        return "did you mean 'anonymous'?"
    star = "*" if text.endswith("*") else ""
    digits = re.sub(r"[\s()./-]", "", text.rstrip("*"))
    like = (info.context or {}).get("like")
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    digits = (normalise(text, like or "") if not star else None) or digits
    if E164.match(digits) or (star and _PREFIX.match(digits + star)):
        return f'write "{digits}{star}"'
    return 'write it with + and the country, like "+498920001000"'


def _number(value: Any, info: ValidationInfo) -> str:
    text = text_of(value)
    if not E164.match(text):
        fail("E_NUMBER", f"'{text}' is not a number in international form", _normal(text, info))
    return text


def is_internal(number: str) -> bool:
    """A short number, which the company's telephones call and nobody else. No country has numbers
    of so few digits in international form."""
    return bool(_INTERNAL.match(number))


def _entrance(value: Any, info: ValidationInfo) -> str:
    text = str(value) if type(value) is int else text_of(value)
    return text if _WEB.match(text) or is_internal(text) else _number(text, info)


def _callee(value: Any, info: ValidationInfo) -> str:
    text = str(value) if type(value) is int else text_of(value)
    if text != ANY_NUMBER and not is_internal(text) and not E164.match(text):
        hint = _normal(text, info) if "*" not in text else "write * for all of them"
        fail("E_NUMBER", f"'{text}' is no number that a telephone of ours could call", hint)
    return text


def _pattern(value: Any, info: ValidationInfo) -> str:
    text = text_of(value)
    if text != "anonymous" and not _PREFIX.match(text) and not E164.match(text):
        fail(
            "E_NUMBER", f"'{text}' is neither a number, a prefix nor anonymous", _normal(text, info)
        )
    return text


def _pattern_or_list(value: Any, info: ValidationInfo) -> str:
    text = text_of(value)
    return text if _LIST.match(text) else _pattern(text, info)


def _country(value: Any) -> str:
    text = text_of(value)
    meant = {"UK": "GB", "EN": "GB"}.get(text.upper(), text.upper())
    hint = f"write {meant}" if known_country(meant) else "write two letters, like DE or GB"
    if not known_country(text):
        fail("E_COUNTRY", f"'{text}' is not the code of a country", hint)
    return text


_E164_SCHEMA = r"^\+[1-9][0-9]{4,14}$"

NumberOf = Annotated[
    str, PlainValidator(_number), WithJsonSchema({"type": "string", "pattern": _E164_SCHEMA})
]
"""A telephone number in international form (ITU-T E.164), with a leading +."""

Entrance = Annotated[str, PlainValidator(_entrance), WithJsonSchema({"type": "string"})]
"""What can be called: a number, a short one for the company's telephones, or `web` (`web-shop`, …)
for calls from a web page."""

Callee = Annotated[str, PlainValidator(_callee), WithJsonSchema({"type": "string"})]
"""One of them, or `*` for all."""

Pattern = Annotated[
    str,
    PlainValidator(_pattern),
    WithJsonSchema({"type": "string", "pattern": r"^(anonymous|\*|\+\*|\+[1-9][0-9]*\*?)$"}),
]
"""A number, the beginning of numbers followed by `*`, or `anonymous`."""

Country = Annotated[
    str,
    PlainValidator(_country),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["DE", "GB"]}),
]
"""A country or territory (ISO 3166-1 alpha-2)."""

PatternOrList = Annotated[str, PlainValidator(_pattern_or_list), WithJsonSchema({"type": "string"})]
"""A pattern, or the name of one of the plan's `lists`."""
