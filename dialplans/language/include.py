"""Several files, one tree: includes come first, in the order written, then the file itself."""

from __future__ import annotations

import os.path
from dataclasses import dataclass, field

from dialplans.language.problems import Place, Problem
from dialplans.language.yaml_tree import Items, Map, Node, Text, decode, parse
from dialplans.process.reading import MAX_BYTES, Shelf, UnreadableError

MAX_FILES = 64


@dataclass
class Merged:
    tree: Map | None = None
    sources: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def gather(shelf: Shelf, name: str) -> Merged:
    """The tree of a file with everything it includes. Paths are relative to the file that names
    them and never leave its folder; a circle is refused at the line that closes it."""
    merged = Merged()
    merged.tree = _Gathering(shelf, merged).file(name, (), None)
    return merged


@dataclass
class _Gathering:
    shelf: Shelf
    merged: Merged
    total: int = 0
    done: set[str] = field(default_factory=set)

    def _note(self, place: Place, code: str, message: str, suggestion: str = "") -> None:
        self.merged.problems.append(Problem(place, code, message, suggestion))

    def file(self, name: str, above: tuple[str, ...], asked: Place | None) -> Map | None:
        shown = self.shelf.shown(name)
        try:
            raw = self.shelf.read(name)
        except UnreadableError as error:
            place, code = (asked, "E_INCLUDE") if asked else (Place(shown, 1, 1), "E_FILE")
            self._note(place, code, f"'{shown}' cannot be read: {error.reason}")
            return None
        self.done.add(name)
        self.total += len(raw)
        if asked is not None and self.total > MAX_BYTES:
            said = f"with '{shown}' the plan is larger than {MAX_BYTES // 2**20} MiB"
            self._note(asked, "E_TOO_LARGE", said, "leave out what is not needed")
            return None
        text, problems = decode(raw, shown)
        self.merged.sources[shown] = text
        self.merged.problems += problems
        if problems:
            return None
        tree, problems = parse(text, shown)
        self.merged.problems += problems
        if tree is None:
            return None
        return self._with_includes(tree, name, (*above, name))

    def _with_includes(self, tree: Map, name: str, above: tuple[str, ...]) -> Map:
        key = tree.key_of("include")
        wanted = tree.pop(key, None) if key is not None else None
        entries: list[Node] = list(wanted) if isinstance(wanted, Items) else []
        entries += [wanted] if isinstance(wanted, Text) else []
        if isinstance(wanted, Map):
            self._note(wanted.place, "E_TYPE", "include is a file name or a list of them")
        base = Map()
        base.place = tree.place
        for entry in entries:
            if not isinstance(entry, Text):
                self._note(entry.place, "E_TYPE", "a file name belongs here")
            elif (part := self._included(entry, name, above)) is not None:
                self._merge(base, part)
        self._merge(base, tree)
        return base

    def _included(self, entry: Text, name: str, above: tuple[str, ...]) -> Map | None:
        folder = os.path.dirname(name)
        wanted = os.path.normpath(os.path.join(folder, entry))
        if not entry or "\0" in entry or not self.shelf.inside(wanted, folder or "."):
            hint = "move it beside this file or into a folder under it"
            self._note(entry.place, "E_INCLUDE", f"'{entry}' is outside this file's folder", hint)
        elif wanted in above:
            circle = " → ".join(
                self.shelf.shown(n) for n in (*above[above.index(wanted) :], wanted)
            )
            self._note(entry.place, "E_INCLUDE", f"files include each other in a circle: {circle}")
        elif wanted in self.done:
            said = f"'{entry}' is already included"
            self._note(entry.place, "E_INCLUDE", said, "include each file once")
        elif len(self.done) >= MAX_FILES:
            self._note(entry.place, "E_TOO_LARGE", f"more than {MAX_FILES} files")
        else:
            return self.file(wanted, above, entry.place)
        return None

    def _merge(self, base: Map, part: Map) -> None:
        """Sections grow together, lists are joined, single values must agree."""
        for key, value in part.items():
            first = base.key_of(key)
            if first is None:
                base[key] = _copy(value)
                continue
            held = base[first]
            if isinstance(held, Map) and isinstance(value, Map):
                self._merge_section(held, value)
            elif isinstance(held, Items) and isinstance(value, Items):
                held.extend(value)
            elif held != value:
                self._twice(key, first)

    def _merge_section(self, held: Map, more: Map) -> None:
        for key, value in more.items():
            first = held.key_of(key)
            if first is None:
                held[key] = value
            else:
                self._twice(key, first)

    def _twice(self, key: Text, first: Text) -> None:
        where = f"line {first.place.line} of {first.place.file}"
        said = f"'{key[:60]}' is already given in {where}"
        self._note(key.place, "E_DUPLICATE_KEY", said, "keep one of the two")


def _copy(value: Node) -> Node:
    """One level deep: sections grow when files are merged, and an alias may share them."""
    if isinstance(value, Text):
        return value
    copied: Map | Items = Map(value) if isinstance(value, Map) else Items(value)
    copied.place = value.place
    return copied
