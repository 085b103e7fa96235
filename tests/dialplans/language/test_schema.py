"""The schema that editors use says what the loader says, as far as a schema can."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from dialplans.language import reference, schema
from dialplans.model.values.scalars import Least
from tests.dialplans.broken_plans import BROKEN

FOLDER = Path(schema.__file__).parents[1]
MODELINE = "# yaml-language-server: $schema=./dialplan.schema.json\n"


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    made = schema.schema()
    Draft7Validator.check_schema(made)
    return Draft7Validator(made)


def as_an_editor_reads_it(text: str) -> Any:
    """YAML 1.2, keys as text, as the language server for YAML does."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))


def test_the_committed_schema_is_fresh() -> None:
    """Made again with `switchboard schema -o dialplans/dialplan.schema.json`."""
    assert (FOLDER / schema.FILE).read_text() == schema.text()


def test_it_is_draft_07_and_explains_every_key() -> None:
    """Editors show these sentences."""
    made = schema.schema()
    unexplained = [
        f"{name}.{key}"
        for name, part in [("plan", made), *made["definitions"].items()]
        for key, value in [
            p for q in part.get("anyOf", [part]) for p in q.get("properties", {}).items()
        ]
        if not value.get("description")
    ]

    assert made["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert unexplained == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda p: p.name)
def test_shipped_plans_are_valid_and_carry_the_modeline(
    path: Path, validator: Draft7Validator
) -> None:
    """So that opening one in an editor completes and explains at once."""
    text = path.read_text()

    assert text.startswith(MODELINE)
    assert [e.message for e in validator.iter_errors(as_an_editor_reads_it(text))] == []


@pytest.mark.parametrize(
    "name",
    [
        "unknown_key",
        "unknown_section",
        "missing_route",
        "action_word",
        "language_wrong",
        "duration_without_unit",
        "hours_unknown_day",
        "number_unquoted_zeros",
        "secret_in_auth",
        "key_of_telephone",
        "menu_without_keys",
        "reject_code",
        "version_unknown",
        "queue_order_word",
    ],
)
def test_an_editor_underlines_mistakes_of_shape(name: str, validator: Draft7Validator) -> None:
    """What needs no other part of the plan is seen while typing."""
    text = BROKEN[f"{name}.yaml"].text

    assert [e.message for e in validator.iter_errors(as_an_editor_reads_it(text))] != []


def test_the_shortest_length_of_time_is_told_where_it_is_asked_for() -> None:
    """In the README's tables and in the editor, not only once it was wrong."""
    untold = []
    told = 0
    for model in reference.models():
        for name, field in model.model_fields.items():
            for least in (m for m in parts(field.annotation, *field.metadata) if type(m) is Least):
                told += 1
                if f"at least {least.text}" not in (field.description or ""):
                    untold.append((model.__name__, name))

    assert untold == []
    assert told >= 10


def parts(*found: Any) -> Iterator[Any]:
    """All that an annotation is made of."""
    for one in found:
        yield one
        yield from parts(*get_args(one))
