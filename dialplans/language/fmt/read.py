"""A file as a tree that still knows comments, blank lines, quotes, anchors and line breaks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from dialplans.language.problems import LINE_BREAK


@dataclass
class Margin:
    """What stands before and beside a part: own-line comments ("" is a blank line), and one after
    it on its line."""

    before: list[str] = field(default_factory=list)
    beside: str = ""


@dataclass
class Value:
    """A scalar or an alias. `quoted` tells how it was written, for what may be either."""

    text: str
    quoted: bool = False
    anchor: str = ""
    alias: bool = False


@dataclass
class Entry:
    """An item of a list (`key` None) or a key with its value."""

    value: Tree
    key: Value | None
    margin: Margin


@dataclass
class Group:
    """A list or a mapping; `flow` if written in brackets on as few lines as it needed."""

    entries: list[Entry]
    mapping: bool
    flow: bool
    anchor: str = ""


Tree = Value | Group


@dataclass(frozen=True)
class _Comment:
    line: int
    text: str
    alone: bool


def read(text: str) -> tuple[Tree, list[str]]:
    """The tree, and the comments after its end. The text must have passed `source.parse`."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events: list[Any] = list(yaml.parse(text, Loader=loader))
    return _Reader(text, events).read()


class _Reader:
    def __init__(self, text: str, events: list[Any]) -> None:
        self._events: Iterator[Any] = iter(events)
        lines = LINE_BREAK.split(text)
        spans: list[Any] = [e for e in events if type(e) is ScalarEvent]
        self._comments = deque(_comments(lines, spans))
        within = {n for e in spans for n in range(e.start_mark.line, e.end_mark.line)}
        self._blank = deque(n for n, t in enumerate(lines) if not t.strip() and n not in within)
        self._last_line = -1

    def read(self) -> tuple[Tree, list[str]]:
        start = next(e for e in self._events if not _is_frame(e))
        first = self._before(start.start_mark.line)
        tree = self._tree(start)
        if isinstance(tree, Group) and tree.entries:
            tree.entries[0].margin.before[:0] = _trimmed(first, keep_end=True)
            first = []
        rest = self._before(10**9)
        return tree, _trimmed([*first, *rest])

    def _tree(self, event: Any) -> Tree:
        event_kind = type(event)
        self._last_line = event.start_mark.line
        anchor = getattr(event, "anchor", None) or ""
        if event_kind is AliasEvent:
            return Value(anchor, alias=True)
        if event_kind is ScalarEvent:
            if event.style not in ("|", ">"):  # those have room for a comment at their head only
                self._last_line = event.end_mark.line
            return Value(event.value, bool(event.style), anchor)
        group = Group([], event_kind is MappingStartEvent, bool(event.flow_style), anchor)
        for inner in self._events:
            if type(inner) in (MappingEndEvent, SequenceEndEvent):
                if group.flow:  # a comment above the bracket that closes it leads what comes next
                    self._last_line = inner.end_mark.line
                    while self._blank and self._blank[0] < self._last_line:
                        self._blank.popleft()
                    self._beside(group, None)
                break
            self._entry(group, inner)
        return group

    def _entry(self, group: Group, event: Any) -> None:
        """A comment on the line where an entry ends is its own; those above it lead it."""
        self._beside(group, event.start_mark.line)
        before = self._before(event.start_mark.line)
        margin = Margin(before)
        key = None
        if group.mapping:
            named = self._tree(event)
            assert isinstance(named, Value)
            key, event = named, next(self._events)
            if event.start_mark.line > self._last_line:
                # A comment between a key and what stands below it belongs to the key.
                margin.beside = self._taken_on(self._last_line)
        group.entries.append(Entry(self._tree(event), key, margin))
        if not margin.beside:
            margin.beside = self._taken_on(self._last_line)

    def _beside(self, group: Group, line: int | None) -> None:
        """Comments beside the last entry, once it is known where the next begins."""
        if group.entries and (line is None or line > self._last_line):
            margin = group.entries[-1].margin
            margin.beside = margin.beside or self._taken_on(self._last_line)

    def _taken_on(self, line: int) -> str:
        for n, comment in enumerate(self._comments):
            if comment.line > line:
                break
            if comment.line == line and not comment.alone:
                del self._comments[n]
                return comment.text
        return ""

    def _before(self, line: int) -> list[str]:
        """Comments, and blank lines between and after them, up to a line."""
        found: list[tuple[int, str]] = []
        while self._comments and self._comments[0].line < line:
            comment = self._comments.popleft()
            found.append((comment.line, comment.text))
        while self._blank and self._blank[0] < line:
            found.append((self._blank.popleft(), ""))
        return _no_doubles([text for _, text in sorted(found)])


def _is_frame(event: object) -> bool:
    return type(event).__name__.startswith(("Stream", "Document"))


def _no_doubles(lines: list[str]) -> list[str]:
    return [t for n, t in enumerate(lines) if t or n == 0 or lines[n - 1]]


def _trimmed(lines: list[str], *, keep_end: bool = False) -> list[str]:
    while lines and not lines[0]:
        lines = lines[1:]
    while lines and not lines[-1] and not keep_end:
        lines = lines[:-1]
    return lines


def _comments(lines: list[str], scalars: list[Any]) -> Iterator[_Comment]:
    """`#` at the start of a line or after a space begins a comment, unless within a scalar."""
    covered: dict[int, list[tuple[int, int]]] = {}
    for event in scalars:
        first, last = event.start_mark, event.end_mark
        block = event.style in ("|", ">")
        for row in range(first.line, last.line + 1):
            start = first.column if row == first.line else 0
            end = last.column if row == last.line else len(lines[row])
            if block and row == first.line:
                end = min(start + 1, end)  # the rest of `|` may hold a comment
            covered.setdefault(row, []).append((start, end))
    for n, line in enumerate(lines):
        at = line.find("#")
        while at >= 0:
            inside = any(start <= at < end for start, end in covered.get(n, ()))
            if not inside and (at == 0 or line[at - 1] in " \t\ufeff" or _closes(line[at - 1])):
                yield _Comment(n, line[at:].rstrip(), not line[:at].strip(" \t\ufeff"))
                break
            at = line.find("#", at + 1)


def _closes(char: str) -> bool:
    return char in "]},\"'"
