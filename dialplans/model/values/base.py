"""What every part of the language shares: frozen values, no unknown keys, errors with a code."""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError


class Model(BaseModel):
    """A key that is not in the language is refused; a value never changes after loading."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        str_strip_whitespace=False,
        allow_inf_nan=False,
    )


def fail(code: str, message: str, suggestion: str = "") -> NoReturn:
    """Refuse a value with a problem code that has a heading in the README."""
    facts = {"message": message, "suggestion": suggestion}
    raise PydanticCustomError(code, "{message}", facts)


def text_of(value: Any) -> str:
    """Refuse a list or a mapping where a text belongs."""
    if not isinstance(value, str):
        fail("E_TYPE", "a text belongs here, not a list or a mapping")
    return str(value)


def _flag(value: Any) -> Any:
    if isinstance(value, str):
        if value == "true":
            return True
        if value == "false":
            return False
        meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(value.lower())
        hint = f"write {meant}" if meant else "write true or false"
        fail("E_TYPE", f"'{value}' is neither true nor false", hint)
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
"""`true` or `false`; `yes`, `no`, `on` and `off` are text everywhere, so a flag refuses them."""

NAME_PATTERN = r"^[a-z][a-z0-9_-]{0,63}$"

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
"""How a person names a part of the plan: small letters, digits, `_` and `-`, a letter first."""

Key = Annotated[
    str,
    Field(pattern=r"^[0-9*#]$"),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": "^[0-9*#]$"}, {"type": "integer", "maximum": 9}]}
    ),
]
"""One key of a telephone."""
