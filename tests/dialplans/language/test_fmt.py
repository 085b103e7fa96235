"""The canonical form: the same plan, every comment, and formatting twice changes nothing more."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dialplans.language.fmt import UnformattableError, format_text
from dialplans.language.fmt.read import Group, Tree, read
from dialplans.language.yaml_tree import parse
from tests.dialplans.broken_plans import BROKEN, VALID
from tests.dialplans.plans import MAIN

FILES = {
    "main.yaml": MAIN.read_text(),
    "valid.yaml": VALID,
    **{name: broken.text for name, broken in BROKEN.items()},
}
PLANS = [name for name, text in FILES.items() if not parse(text, name)[1]]

UGLY = """\
# a plan

version:   1   # the language
timezone: 'Europe/Berlin'


hours:    {office:  {mon-fri:   '08:30-18:00'}}
lists:
    blocked:   [ "+4930555*",   # a nuisance
                 anonymous ]
    # nobody yet
    vip: []
voicemail:
    box:      # the only one
        say: >
          Please leave
          a message.
        max: 60s
# the end
"""

CANONICAL = """\
# a plan

version: 1  # the language
timezone: Europe/Berlin

hours: {office: {mon-fri: "08:30-18:00"}}
lists:
  blocked:
    - "+4930555*"  # a nuisance
    - anonymous
  # nobody yet
  vip: []
voicemail:
  box:  # the only one
    say: "Please leave a message.\\n"
    max: 60s
# the end
"""


def test_the_canonical_form() -> None:
    """Two spaces, one blank line, plain or double-quoted, comments two spaces off."""
    assert format_text(UGLY) == CANONICAL


def test_comments_within_brackets_turn_them_into_lines() -> None:
    """Only a block has room for a comment beside each entry."""
    assert format_text("a: {b: c, # one\n    d: e}\n") == "a:\n  b: c  # one\n  d: e\n"


@pytest.mark.parametrize(
    ("text", "formatted"),
    [
        ("a: [\n  # none yet\n]\nb: c\n", "a: []\n# none yet\nb: c\n"),
        ("a: [\n  b,\n\n  # no more\n\n]\nc: d\n", "a: [b]\n# no more\nc: d\n"),
        ("a: {b: [c\n  # no more\n ],\n d: e}\n", "a:\n  b: [c]\n  # no more\n  d: e\n"),
    ],
)
def test_a_comment_above_the_closing_bracket_leads_what_comes_next(
    text: str, formatted: str
) -> None:
    """As one after a block's last entry does; a list that is empty but for it stays one."""
    assert format_text(text) == formatted
    assert format_text(formatted) == formatted


def test_a_line_that_grows_too_long_is_broken_into_a_block() -> None:
    """At 120 columns; shorter ones stay in brackets if they were."""
    short, long = "x" * 20, "x" * 120

    assert format_text(f"a: {{b: {short}}}\n") == f"a: {{b: {short}}}\n"
    assert format_text(f"a: {{b: {long}}}\n") == f"a:\n  b: {long}\n"


def test_what_other_readers_would_mistake_is_quoted() -> None:
    """Times, dates, yes and no; a number keeps what its writer chose."""
    formatted = format_text("a: [no, 08:30-18:00, 12-25, off, 603, '603', true, 6s]\n")

    assert formatted == 'a: ["no", "08:30-18:00", "12-25", "off", 603, "603", true, 6s]\n'


def test_text_of_several_lines_stays_readable() -> None:
    """A literal block, except where only quotes can hold it."""
    assert format_text('a: "one\\ntwo\\n"\n') == "a: |\n  one\n  two\n"
    assert format_text('a: " one\\ntwo"\n') == 'a: " one\\ntwo"\n'


def test_what_is_not_the_language_is_refused_with_its_problems() -> None:
    """Nothing is written over a file that cannot be read."""
    with pytest.raises(UnformattableError) as refused:
        format_text("a: [b\n", "plan.yaml")

    assert [p.code for p in refused.value.problems] == ["E_YAML"]


@pytest.mark.parametrize("name", PLANS)
def test_real_plans_mean_the_same_afterwards(name: str) -> None:
    """The shipped plan, and all broken ones that are YAML."""
    text = FILES[name]
    tree, _ = parse(text, name)

    formatted = format_text(text)

    assert parse(formatted, name) == (tree, [])
    assert format_text(formatted) == formatted
    assert comments(formatted) == comments(text)


texts = st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=20) | st.sampled_from(
    ["no", "1", "0.80", "true", "08:30-18:00", "a # b", "- x", "one\ntwo\n", "a: b", "#", "*", "6s"]
)
trees = st.recursive(
    texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=25,
)


@settings(deadline=None)
@given(
    st.dictionaries(texts.filter(lambda k: k != "<<"), trees, min_size=1, max_size=5), st.booleans()
)
def test_parsing_and_formatting_round_trip(tree: dict[str, object], flow: bool) -> None:
    """Any tree, written by any writer, is the same tree after formatting, twice over."""
    text = yaml.dump(tree, allow_unicode=True, default_flow_style=flow, width=40)
    before, problems = parse(text, "plan.yaml")
    if problems:  # a key without a value, and the like
        return

    formatted = format_text(text)

    assert parse(formatted, "plan.yaml") == (before, [])
    assert format_text(formatted) == formatted


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_comments_anywhere_are_kept(chance: object) -> None:
    """A comment beside or above any line that can bear one is there once afterwards."""
    lines, wanted = [], []
    for n, line in enumerate(UGLY.splitlines()):
        bears = (
            line.strip() and "#" not in line and ">" not in line and not line.startswith("  " * 5)
        )
        if bears and chance.random() < 0.5:  # type: ignore[attr-defined]
            lines.append(f"{line}  # beside {n}")
            wanted.append(f"# beside {n}")
        else:
            lines.append(line)
    wanted += ["# a plan", "# the language", "# a nuisance", "# nobody yet", "# the end"]

    formatted = format_text("\n".join(lines) + "\n")

    assert all(formatted.count(comment) >= 1 for comment in wanted)
    assert formatted.count("#") == "\n".join(lines).count("#")
    assert format_text(formatted) == formatted


def comments(text: str) -> list[str]:
    """All comments of a text, sorted."""
    found: list[str] = []

    def collect(tree: Tree) -> None:
        if isinstance(tree, Group):
            for entry in tree.entries:
                found.extend(c for c in [*entry.margin.before, entry.margin.beside] if c)
                collect(entry.value)

    tree, end = read(text)
    collect(tree)
    return sorted([*found, *(c for c in end if c)])
