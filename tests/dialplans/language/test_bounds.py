"""Files made to take for ever: each ends with a plan or a problem, and the suite's time limit is
what fails if one does not."""

import pytest

from dialplans.language.load import load_text
from tests.dialplans.broken_plans import VALID

MANY = 300_000


def with_rules(rules: str) -> str:
    return VALID.replace("  front:\n", f"  front:\n{rules}")


def with_personas(personas: str) -> str:
    return VALID.replace("personas:\n", f"personas:\n{personas}")


def with_words(words: str) -> str:
    menu = f'{{say: "{words}", keys: {{"1": {{persona: ann}}}}, else: {{voicemail: box}}}}'
    return f"{VALID}menus: {{main: {menu}}}\n"


BOMBS = {
    "brackets": "[" * MANY,
    "braces": "{" * MANY,
    "dashes": "- " * MANY,
    "question marks": "? " * MANY,
    "one open quote": '"' + "x" * MANY,
    "blank lines": "\n" * MANY,
    "zeros": "\0" * MANY,
    "more than two megabytes": "#" * (2 * 1024 * 1024 + 1),
    "one key many times": "a: b\n" * 50_000,
    "many unknown keys": "".join(f"k{n}: v\n" for n in range(10_000)),
    "personas in a long row": with_personas(
        "".join(f"  p{n}: {{extends: p{n + 1}}}\n" for n in range(3_000))
    ),
    "a long row of fallbacks": with_personas(
        "".join(
            f"  p{n}: {{prompt: prompts/ann.md, fallback: {{persona: p{n + 1}}}}}\n"
            for n in range(3_000)
        )
    ),
    "many rules that share a long list": with_rules(
        "".join(
            f'    - {{when: {{caller: [vip, "+1{n:06d}"]}}, do: {{persona: ann}}}}\n'
            for n in range(500)
        )
    )
    + "lists: {vip: ["
    + ", ".join(f'"+49{n:06d}"' for n in range(10_000))
    + "]}\n",
    "many rules for one header": with_rules(
        "".join(
            f'    - {{when: {{header: {{X: "a{n}*"}}}}, do: {{persona: ann}}}}\n'
            for n in range(2_000)
        )
    ),
    "what could be a password, again and again": with_words("sip:a:" * 300_000),
    "what could be a token, again and again": with_words("eyJ-" * 500_000),
    "a very long length of time": VALID.replace("60s", "1m" * 50_000),
    "a very long whole number": with_rules(
        f"    - {{when: {{caller: anonymous}}, do: {{reject: {'9' * 10_000}}}}}\n"
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_it_ends(name: str) -> None:
    """Bounded by the sizes in `dialplans.language.yaml_tree`, not by anybody's patience."""
    loaded = load_text(BOMBS[name], others={"prompts/ann.md": "You are Ann."})

    assert loaded.plan is not None or loaded.problems
    assert len(loaded.problems) <= 1000
