"""YAML with its traps closed: every value is text and knows its file, line and column.

No tags, no merge keys, no second document, no key twice, no alias that multiplies; whatever the
bytes are, reading them ends soon, with a tree, a located problem, or both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from dialplans.language.problems import LINE_BREAK, Place, Problem
from dialplans.process.reading import MAX_BYTES

MAX_NODES = 200_000
MAX_DEPTH = 32
MAX_PROBLEMS = 200


class Text(str):
    """A scalar, exactly as written."""

    __slots__ = ("place",)
    place: Place


class Items(list["Node"]):
    __slots__ = ("place",)
    place: Place


class Map(dict[Text, "Node"]):
    """Keys are `Text` too, so a key knows its place: see `key_of`."""

    __slots__ = ("_keys", "place")
    place: Place
    _keys: dict[str, Text]

    def key_of(self, name: str) -> Text | None:
        """The key as it stands in the file, found without looking at all the others."""
        if name not in self:
            return None
        keys: dict[str, Text] = getattr(self, "_keys", {})
        if name not in keys:
            keys = self._keys = {key: key for key in self}
        return keys[name]


Node = Text | Items | Map


class _StoppedError(Exception):
    """Reading cannot go on; the problem is already noted."""


def parse(text: str, file: str) -> tuple[Map | None, list[Problem]]:
    """The tree of one file and everything that is wrong with its YAML."""
    reader = _Reader(file)
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return None, [_too_large(file)]
    try:
        tree = reader.read(text)
    except _StoppedError:
        tree = None
    return tree, reader.problems


def decode(raw: bytes, file: str) -> tuple[str, list[Problem]]:
    """Text from bytes; what is not UTF-8 is a problem at its place, and is replaced. A file that is
    too large is never read in part: its text is empty."""
    if len(raw) > MAX_BYTES:
        return "", [_too_large(file)]
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        lines = LINE_BREAK.split(before)
        place = Place(file, len(lines), len(lines[-1]) + 1)
        hint = "save the file as UTF-8"
        problem = Problem(place, "E_ENCODING", f"byte 0x{raw[error.start]:02x} is not UTF-8", hint)
        return raw.decode("utf-8-sig", "replace"), [problem]


def _too_large(file: str) -> Problem:
    said = f"the file is larger than {MAX_BYTES // 2**20} MiB"
    return Problem(Place(file, 1, 1), "E_TOO_LARGE", said, "leave out what is not needed")


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._open_anchors: set[str] = set()
        self._nodes = 0

    def note(self, line: int, column: int, code: str, message: str, suggestion: str = "") -> None:
        place = Place(self.file, line, column)
        self.problems.append(Problem(place, code, message, suggestion))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _StoppedError

    def _at(self, event: Any, code: str, message: str, suggestion: str = "") -> None:
        mark = event.start_mark
        self.note(mark.line + 1, mark.column + 1, code, message, suggestion)

    def read(self, text: str) -> Map | None:
        events = self._events(text)
        tree: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._at(event, "E_YAML", "a plan is one document", "remove the line ---")
                    break
            elif isinstance(
                event, AliasEvent | ScalarEvent | MappingStartEvent | SequenceStartEvent
            ):
                tree = self._node(event, events, 0)
        if isinstance(tree, Map):
            return tree
        if tree is not None and not (isinstance(tree, Text) and not tree):
            place = tree.place
            self.note(place.line, place.column, "E_TYPE", "a plan is a mapping: keys with values")
        elif not self.problems:
            self.note(1, 1, "E_EMPTY", "there is no plan in this file", "begin with version: 1")
        return None

    def _events(self, text: str) -> Iterator[Event]:
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            yield from yaml.parse(text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = error.problem or error.context or "it cannot be read"
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            context = f" {error.context}" if error.context and error.problem else ""
            self.note(line, column, "E_YAML", f"this is not YAML: {said}{context}", _hint(said))
            raise _StoppedError from None
        except yaml.reader.ReaderError as error:
            line, column = _of_offset(text, error.position)
            code = error.character if isinstance(error.character, int) else ord(error.character)
            said = f"YAML does not allow the character U+{code:04X}"
            self.note(line, column, "E_YAML", said, "remove it, or write \\u… in double quotes")
            raise _StoppedError from None
        except UnicodeEncodeError as error:
            line, column = _of_offset(text, len(text[: error.start].encode("utf-8", "replace")))
            self.note(line, column, "E_ENCODING", "half of a surrogate pair is no character")
            raise _StoppedError from None

    def _node(self, event: Any, events: Iterator[Event], depth: int) -> Node:
        """Recursion is bounded by `MAX_DEPTH`, not by the writer of the file."""
        self._count(event, 1)
        if depth > MAX_DEPTH:
            self._at(event, "E_TOO_LARGE", f"more than {MAX_DEPTH} levels within each other")
            raise _StoppedError
        kind = type(event)
        if kind is AliasEvent:
            return self._alias(event)
        if event.tag is not None and event.tag != "!":
            hint = "every value is text here; remove the tag"
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")[:60]
            self._at(event, "E_YAML_TAG", f"the tag {tag} is not allowed", hint)
        before = self._nodes
        if event.anchor is not None:
            self._open_anchors.add(event.anchor)
        node: Node
        if kind is ScalarEvent:
            node = Text(event.value)
        elif kind is SequenceStartEvent:
            node = self._items(events, depth)
        else:
            node = self._map(events, depth)
        mark = event.start_mark
        node.place = Place(self.file, mark.line + 1, mark.column + 1)
        if event.anchor is not None:
            self._open_anchors.discard(event.anchor)
            self._anchors[event.anchor] = (node, self._nodes - before + 1)
        return node

    def _count(self, event: Event, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            self._at(event, "E_TOO_LARGE", f"more than {MAX_NODES} values, aliases spelled out")
            raise _StoppedError

    def _alias(self, event: Any) -> Node:
        name = str(event.anchor)
        if name in self._open_anchors:
            self._at(event, "E_YAML_ALIAS", f"*{name} stands within itself")
            raise _StoppedError
        if name not in self._anchors:
            self._at(event, "E_YAML_ALIAS", f"nothing is called &{name}")
            raise _StoppedError
        node, size = self._anchors[name]
        self._count(event, size)
        return node

    def _items(self, events: Iterator[Event], depth: int) -> Items:
        items = Items()
        for event in events:
            if type(event) is SequenceEndEvent:
                break
            node = self._node(event, events, depth + 1)
            if _is_empty(event):
                self._at(event, "E_EMPTY", "an item of this list is empty", "remove the dash")
            else:
                items.append(node)
        return items

    def _map(self, events: Iterator[Event], depth: int) -> Map:
        found = Map()
        for event in events:
            if type(event) is MappingEndEvent:
                break
            key = self._node(event, events, depth + 1)
            value_event = next(events)
            value = self._node(value_event, events, depth + 1)
            if type(key) is not Text or type(event) is AliasEvent:
                self._at(event, "E_YAML_KEY", "a key must be plain text")
            elif key == "<<":
                hint = "name the values again, or use extends: in a persona"
                self._at(event, "E_YAML_KEY", "merge keys are not part of the language", hint)
            elif (first := found.key_of(key) if key in found else None) is not None:
                said = f"'{_short(key)}' is already given in line {first.place.line}"
                self._at(event, "E_DUPLICATE_KEY", said, "keep one of the two")
            elif _is_empty(value_event):
                hint = "give it one, or remove the key"
                self._at(event, "E_EMPTY", f"'{_short(key)}' has no value", hint)
            else:
                found[key] = value
        return found


def _is_empty(event: Any) -> bool:
    return type(event) is ScalarEvent and event.value == "" and bool(event.implicit[0])


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _of_offset(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a byte offset: libyaml counts bytes of UTF-8 in its reader errors."""
    before = text.encode("utf-8", "replace")[:offset].decode("utf-8", "ignore")
    lines = LINE_BREAK.split(before)
    return len(lines), len(lines[-1]) + 1


def _hint(said: str) -> str:
    if "cannot start any token" in said:
        return "indent with spaces, and put text that begins with @, `, % or a tab in quotes"
    if "mapping values are not allowed" in said:
        return "put text that holds a colon in quotes"
    return ""
