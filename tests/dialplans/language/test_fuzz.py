"""Whatever is in a file: a plan or located problems, never a traceback, and soon."""

import random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dialplans.language.codes import CODES
from dialplans.language.load import Loaded, load, load_text
from dialplans.language.problems import LINE_BREAK, render
from tests.dialplans.broken_plans import VALID

PROMPTS = {"prompts/ann.md": "You are Ann."}
WORDS = [
    *("version", "timezone", "numbers", "routes", "personas", "menus", "queues", "targets"),
    *("trunks", "hours", "holidays", "lists", "limits", "defaults", "override", "tests"),
    *("do", "when", "persona", "split", "else", "keys", "say", "include", "voicemail"),
    *("1", "Europe/Berlin", "front", "+498920001000", "08:30-18:00", "12-25", "true", "6s"),
    *("mon-fri", "closed", "anonymous", "+49*", "env:X", "", "0", "-1", "9" * 400, "é\u2028"),
]


def sound(loaded: Loaded) -> None:
    """A plan or a problem; each problem has a known code and a place that can be shown."""
    assert loaded.plan is not None or loaded.problems
    for problem in loaded.problems:
        assert problem.code in CODES
        assert problem.message
        lines = LINE_BREAK.split(loaded.texts[problem.place.file])
        assert 1 <= problem.place.line <= len(lines) + 1
        assert render(problem, loaded.texts).startswith(f"{problem.place}: {problem.code} ")
    assert (loaded.revision != "") == (loaded.plan is not None)


@settings(deadline=None)
@given(raw=st.binary(max_size=300))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    """Bytes on the disk, whatever they are."""
    file = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    file.write_bytes(raw)

    sound(load(file))


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Text from the console, half surrogates included."""
    sound(load_text(text, others={}))


scalars = st.sampled_from(WORDS) | st.text(max_size=5) | st.integers() | st.booleans() | st.none()
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
    ),
    max_leaves=30,
)


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from(WORDS), documents, max_size=8))
def test_any_yaml_made_of_words_of_the_language(document: dict[str, object]) -> None:
    """Known keys in impossible places, numbers where lists belong, and so on."""
    sound(load_text(yaml.safe_dump(document, allow_unicode=True), others=PROMPTS))


@settings(deadline=None, max_examples=150)
@given(st.randoms(use_true_random=False))
def test_a_good_plan_with_small_damage(chance: random.Random) -> None:
    """Characters lost, doubled and swapped, as typing does."""
    text = list(VALID)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text))
        text[at] = chance.choice(["", text[at] * 2, chance.choice(":{}[],'\"&*#|\n\t -1a+é")])
    sound(load_text("".join(text), others=PROMPTS))


@settings(deadline=None, max_examples=150)
@given(st.randoms(use_true_random=False), documents)
def test_a_good_plan_with_one_value_replaced(chance: random.Random, value: object) -> None:
    """Every place of the language meets every kind of value."""
    plan = yaml.load(VALID, yaml.BaseLoader)
    node = plan
    while True:
        keys = list(node) if isinstance(node, dict) else range(len(node))
        key = chance.choice(list(keys))
        if not isinstance(node[key], dict | list) or not node[key] or chance.random() < 0.3:
            node[key] = value
            break
        node = node[key]
    sound(load_text(yaml.safe_dump(plan, allow_unicode=True), others=PROMPTS))
