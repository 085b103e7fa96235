"""The part of the README that lists every key, every happening and every problem code.

`python -m dialplans.language.reference` writes it between the marks; a test fails when it is not
fresh.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dialplans.engine.call_inputs import MEANINGS
from dialplans.language.codes import CODES
from dialplans.model import Dialplan
from dialplans.model.actions import Act, Action, Shares
from dialplans.model.entrances import Network
from dialplans.model.plan import Overrides
from dialplans.model.routes import HeaderPattern
from dialplans.model.values import base, scalars, times
from dialplans.model.values.files import FileName
from dialplans.model.values.patterns import Country, Entrance, NumberOf, Pattern, PatternOrList

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- made from the models: begin -->", "<!-- made from the models: end -->"

_WORDS: tuple[tuple[Any, str], ...] = (
    (base.Flag, "`true`, `false`"),
    (base.Name, "name"),
    (base.Key, "key of a telephone"),
    (scalars.Duration, "length of time"),
    (scalars.RateOf, "rate"),
    (scalars.Language, "language"),
    (scalars.Timezone, "time zone"),
    (scalars.PhraseOf, "words"),
    (scalars.SecretOf, "`env:NAME`"),
    (times.Opening, "times"),
    (times.Days, "days"),
    (times.Dates, "dates"),
    (times.Moment, "moment"),
    (times.CallMoment, "moment"),
    (NumberOf, "number"),
    (Country, "country"),
    (Entrance, "number or `web`"),
    (Pattern, "pattern"),
    (PatternOrList, "pattern or list"),
    (HeaderPattern, "text"),
    (FileName, "file"),
    (Network, "addresses"),
    (Shares, "percentages by way"),
    (Action, "[action](#actions)"),
    (Overrides, "one or more [override](#override)"),
    (timedelta, "length of time"),
    (str, "text"),
    (int, "whole number"),
    (float, "number"),
)

_SEVERITY = {
    "error": "Error: the plan does not go live.",
    "warning": "Warning: the plan can go live, `check` ends with 1.",
    "note": "Note: for the reader only.",
}


def reference() -> str:
    """The generated part, marks included."""
    return "\n".join([BEGIN, "", *_keys(), *_happenings(), *_codes(), END])


def placed(readme: str) -> str:
    """The README with its generated part made anew. Raises ValueError if the marks are gone."""
    before, after = readme.index(BEGIN), readme.index(END) + len(END)
    return readme[:before] + reference() + readme[after:]


def models() -> list[type[BaseModel]]:
    """Every model of the language, the plan first, each where it is first named."""
    found: dict[type[BaseModel], None] = {}

    def visit(kind: Any) -> None:
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in found:
            found[kind] = None
            for hint in get_type_hints(kind, include_extras=True).values():
                visit(hint)
        for part in get_args(kind):
            visit(part)

    visit(Dialplan)
    return list(found)


def _keys() -> Iterator[str]:
    yield from ("## Every key", "")
    everything = models()
    for model in [m for m in everything if not issubclass(m, Act)]:
        yield from (f"### {_heading(model)}", "", *_says(model), *_table(model))
    yield from (
        "### Actions",
        "",
        "Each is a mapping; the key that names its kind comes first.",
        "",
    )
    yield from ("| key | value | without it | meaning |", "|---|---|---|---|")
    for model in [m for m in everything if issubclass(m, Act)]:
        yield from _rows(model)
    yield ""


def _heading(model: type[BaseModel]) -> str:
    return "The plan" if model is Dialplan else model.__name__


def _says(model: type[BaseModel]) -> tuple[str, ...]:
    said = (model.__dict__.get("__doc__") or "").strip()
    return (" ".join(said.split()), "") if said and model is not Dialplan else ()


def _table(model: type[BaseModel]) -> Iterator[str]:
    yield from ("| key | value | without it | meaning |", "|---|---|---|---|")
    yield from _rows(model)
    yield ""


def _rows(model: type[BaseModel]) -> Iterator[str]:
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        key = field.alias or name
        kind = "days" if key == "week" else f"`{key}`"
        value = "times" if key == "week" else _value(hints[name])
        yield f"| {kind} | {value} | {_default(field)} | {_cell(field.description)} |"


def _cell(text: str | None) -> str:
    """A bar would end the cell, even within backticks."""
    return (text or "").replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*required*"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, timedelta):
        return f"`{value.total_seconds():.0f}s`"
    if value in ("", None) or isinstance(value, BaseModel | Mapping):
        return ""
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`" if value else ""
    return f"`{value}`"


def _value(kind: Any) -> str:
    """What may be written, in few words."""
    for known, word in _WORDS:
        if kind is known or kind == known:
            return word
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _value(arguments[0])
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_value(a) for a in arguments if a is not type(None)))
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        return f"list: {_value(arguments[0])}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    if len(arguments) == 2:
        return f"{_value(arguments[0])} → {_value(arguments[1])}"
    return "text"


def _happenings() -> Iterator[str]:
    yield from ("## Every happening", "", "In `events` of a test and with `explain --event`.", "")
    yield from ("| happening | meaning |", "|---|---|")
    for name, meaning in MEANINGS.items():
        example, colon, said = meaning.partition(": ")
        yield f"| {example if colon else f'`{name}`'} | {said if colon else meaning} |"
    yield ""


def _codes() -> Iterator[str]:
    yield from ("## Every problem code", "")
    for code, entry in CODES.items():
        yield from (f"### {code}", "", f"{entry.meaning} {_SEVERITY[entry.severity]}", "")


if __name__ == "__main__":
    README.write_text(placed(README.read_text(encoding="utf-8")), encoding="utf-8")
