"""Writing the tree: two spaces a level, brackets only where a line has room for them."""

from __future__ import annotations

from dialplans.language.fmt.read import Entry, Group, Tree, Value
from dialplans.language.fmt.scalars import block_scalar, scalar

WIDTH = 120


def emit(tree: Tree, end: list[str]) -> str:
    lines: list[str] = []
    if isinstance(tree, Group) and tree.entries:
        _block(tree, "", lines)
    else:
        lines.append(_one_line(tree) or "{}")
    lines += end
    while lines and not lines[0]:
        lines.pop(0)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _block(group: Group, indent: str, lines: list[str]) -> None:
    for entry in group.entries:
        lines += [indent + text if text else "" for text in entry.margin.before]
        head = indent + (f"{_key(entry.key)}:" if entry.key is not None else "-")
        _value(entry, head, indent, lines)


def _value(entry: Entry, head: str, indent: str, lines: list[str]) -> None:
    value, beside = entry.value, f"  {entry.margin.beside}" if entry.margin.beside else ""
    if isinstance(value, Value):
        written = block_scalar(value.text, indent + "  ") if not value.alias else None
        if written is not None:
            header, *body = written
            lines.append(f"{head} {_anchor(value)}{header}{beside}")
            lines += body
        else:
            lines.append(f"{head} {_one_line(value)}{beside}")
        return
    one = _one_line(value) if value.flow or not value.entries else ""
    if one and (len(head) + 1 + len(one) <= WIDTH or not value.entries):
        lines.append(f"{head} {one}{beside}")
        return
    anchor = f" {_anchor(value)}".rstrip()
    compact = entry.key is None and not anchor and not beside and not value.entries[0].margin.before
    if compact:  # `- name: …` rather than a dash alone
        inner: list[str] = []
        _block(value, indent + "  ", inner)
        inner[0] = f"{indent}- {inner[0].lstrip()}"
        lines += inner
    else:
        lines.append(f"{head}{anchor}{beside}")
        _block(value, indent + "  ", lines)


def _key(key: Value | None) -> str:
    assert key is not None
    return f"{_anchor(key)}{scalar(key.text, quoted=key.quoted, key=True)}"


def _anchor(value: Tree) -> str:
    return f"&{value.anchor} " if value.anchor else ""


def _one_line(tree: Tree) -> str:
    """Empty if it holds a comment, which only a block can keep."""
    if isinstance(tree, Value):
        if tree.alias:
            return f"*{tree.text}"
        return _anchor(tree) + scalar(tree.text, quoted=tree.quoted)
    parts = []
    for entry in tree.entries:
        if entry.margin.beside or any(entry.margin.before):
            return ""
        value = _one_line(entry.value)
        if not value:
            return ""
        space = " " if entry.key is not None and entry.key.alias else ""
        parts.append(value if entry.key is None else f"{_key(entry.key)}{space}: {value}")
    inside = ", ".join(parts)
    return _anchor(tree) + (f"{{{inside}}}" if tree.mapping else f"[{inside}]")
