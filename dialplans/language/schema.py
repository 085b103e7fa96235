"""The JSON Schema (draft-07) by which editors complete and explain a plan while it is written.

Made from the models; `dialplans/dialplan.schema.json` is its committed copy, and a test
compares the two. Editors cannot know references, so `switchboard check` stays the judge.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from dialplans.model import Dialplan

FILE = "dialplan.schema.json"
_DAYS = r"(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?"
_DATE = r"([0-9]{4}-)?[0-9]{2}-[0-9]{2}"

_SHORT = {
    "Auth": {"type": "string", "pattern": r"^(env:[A-Za-z_]\w*|\$\{env:[A-Za-z_]\w*\})$"},
    "Outbound": {"type": "string", "pattern": r"^[A-Za-z0-9.\[\]:-]+$"},
    "Recording": {"enum": ["announce", "ask", "never"]},
}
"""Mappings for which the language also takes one text."""


class _Generator(GenerateJsonSchema):
    """Defaults are shown where a person could have written them; the rest is in descriptions."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        if isinstance(schema.get("default"), str | int):
            return super().default_schema(schema)
        return self.generate_inner(schema["schema"])


def schema() -> dict[str, Any]:
    """Draft-07, so that every editor in use understands it."""
    made = Dialplan.model_json_schema(
        by_alias=True, ref_template="#/definitions/{model}", schema_generator=_Generator
    )
    definitions = {name: _clean(part) for name, part in made.pop("$defs").items()}
    _hours(definitions["Hours"])
    for name, short in _SHORT.items():
        definitions[name] = {"anyOf": [short, definitions[name]]}
    whole = _clean(made)
    for holidays in (whole["properties"]["holidays"], _own_holidays(definitions)):
        holidays["propertyNames"] = {"pattern": f"^{_DATE}(\\.\\.{_DATE})?$"}
    whole["properties"]["numbers"]["propertyNames"] = {
        "pattern": r"^(\+[1-9][0-9]{4,14}|web(-[a-z0-9-]{1,40})?)$"
    }
    definitions["Menu"]["properties"]["keys"]["propertyNames"] = {"pattern": "^[0-9*#]$"}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Switchboard dialplan",
        **whole,
        "definitions": definitions,
    }


def _own_holidays(definitions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = definitions["Hours"]["properties"]["holidays"]
    return found


def text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _hours(hours: dict[str, Any]) -> None:
    """In the file the days stand beside `holidays`, without a key of their own."""
    week = hours["properties"].pop("week")
    hours.pop("required", None)
    hours["additionalProperties"] = False
    hours["patternProperties"] = {
        f"^(daily|{_DAYS}(\\s*,\\s*{_DAYS})*)$": week["additionalProperties"]
    }


def _clean(node: Any) -> Any:
    """Without what draft-07 or editors do not need: titles, OpenAPI's discriminator, null."""
    if isinstance(node, list):
        return [_clean(part) for part in node]
    if not isinstance(node, dict):
        return node
    some = [p for p in node.get("anyOf", ()) if p != {"type": "null"}]
    if "anyOf" in node and len(some) < len(node["anyOf"]):
        rest = {k: v for k, v in node.items() if k != "anyOf"}
        rest.pop("default", None)
        node = {**rest, **(some[0] if len(some) == 1 else {"anyOf": some})}
    if "$ref" in node and len(node) > 1:  # draft-07 ignores everything beside a reference
        node = {"allOf": [{"$ref": node["$ref"]}], **{k: v for k, v in node.items() if k != "$ref"}}
    if "patternProperties" in node:
        node = {"additionalProperties": False, **node}
    dropped = {"discriminator"} | ({"title"} if isinstance(node.get("title"), str) else set())
    return {key: _clean(value) for key, value in node.items() if key not in dropped}
