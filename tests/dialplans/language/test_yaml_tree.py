"""Reading YAML: its traps are closed, and every value knows where it stands."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dialplans.language.build import place_of
from dialplans.language.yaml_tree import MAX_NODES, Items, Map, Text, decode, parse


def read(text: str) -> Map:
    tree, problems = parse(text, "plan.yaml")
    assert problems == []
    assert tree is not None
    return tree


def test_what_other_readers_turn_into_something_else_stays_text() -> None:
    """The Norwegian problem, sexagesimal times, octal numbers, dates, null."""
    traps = ["no", "yes", "on", "off", "08:30", "0123", "2026-11-23", "~", "null", "1_000", "1e3"]
    tree = read("a: [" + ", ".join(traps) + "]")

    assert tree["a"] == traps


def test_every_value_and_key_knows_its_place() -> None:
    """File, line and column, from 1; through lists, brackets and indentation."""
    tree = read("a:\n  - {b: c,\n     d: e}\n")

    places = [
        str(place_of(tree, ("a", 0, "b"))),
        str(place_of(tree, ("a", 0, "d"))),
        str(place_of(tree, ("a", 0, "d"), key=True)),
        str(place_of(tree, ("a",), key=True)),
    ]
    assert places == ["plan.yaml:2:9", "plan.yaml:3:9", "plan.yaml:3:6", "plan.yaml:1:1"]


def test_a_place_counts_characters_not_bytes() -> None:
    """An editor jumps to characters."""
    tree = read('a: ["äöü", b]')

    assert place_of(tree, ("a", 1)).column == 12


def test_an_alias_stands_for_what_its_anchor_holds() -> None:
    """Within the bound on values; it keeps the anchor's place."""
    tree = read("a: &x {b: c}\nd: *x\n")

    assert tree["d"] == {"b": "c"}
    assert place_of(tree, ("d", "b")).line == 1


def test_aliases_cannot_explode() -> None:
    """A billion laughs in 600 bytes ends at the bound, at a place, at once."""
    lines = ["a: &a [" + "x, " * 9 + "x]"]
    lines += [
        f"{n}: &{n} [{', '.join([f'*{p}'] * 10)}]"
        for p, n in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    tree, problems = parse("\n".join(lines), "plan.yaml")

    assert tree is None
    assert [(p.code, p.place.line) for p in problems] == [("E_TOO_LARGE", 6)]
    assert str(MAX_NODES) in problems[0].message


def test_a_duplicate_key_names_both_lines() -> None:
    """The second is refused, the first is named."""
    _, problems = parse("a: 1\nb: 2\na: 3\n", "plan.yaml")

    assert [str(p.place) for p in problems] == ["plan.yaml:3:1"]
    assert "line 1" in problems[0].message


def test_a_byte_that_is_not_utf8_has_a_place() -> None:
    """Also behind characters of several bytes; the rest can still be shown."""
    text, problems = decode("a: ä\nb: ".encode() + b"\xff\n", "plan.yaml")

    assert [str(p.place) for p in problems] == ["plan.yaml:2:4"]
    assert text == "a: ä\nb: \ufffd\n"


def test_a_byte_order_mark_is_no_part_of_the_plan() -> None:
    """Some editors write one."""
    text, problems = decode(b"\xef\xbb\xbfversion: 1\n", "plan.yaml")

    assert problems == []
    assert read(text) == {"version": "1"}


texts = st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=12)
trees = st.recursive(
    texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.text(alphabet="ab:-[]{},&*!|>'\"%@`#?~ \n\t\r\0é\u2028", max_size=80))
def test_any_text_is_a_tree_or_a_problem_within_it(text: str) -> None:
    """Never a traceback; the place is a line and a column of the text."""
    tree, problems = parse(text, "plan.yaml")

    assert tree is not None or problems
    for problem in problems:
        breaks = sum(text.count(mark) for mark in "\n\r\u2028")  # what YAML 1.1 takes for one
        assert 1 <= problem.place.line <= breaks + 3
        assert problem.place.column >= 1


@settings(deadline=None)
@given(st.dictionaries(st.text("abc", min_size=1, max_size=4), trees, min_size=1, max_size=4))
def test_what_json_can_write_is_read_as_it_was_written(written: dict[str, object]) -> None:
    """JSON in ASCII is YAML: every text comes back the same, whatever characters of
    the basic plane it has (beyond it JSON writes surrogates, which YAML does not know)."""
    import json

    tree, problems = parse(json.dumps(written), "plan.yaml")

    assert problems == []
    assert tree == written
    assert all(type(n) in (Text, Items, Map) for n in [tree, *tree.values()])
