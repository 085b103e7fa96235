"""The tables of `sip/README.md` that say what is spoken: `python -m sip.bridge.spoken.tables`
writes them between the marks. Tests hold them against the code and against a leg that runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sip.bridge.spoken.codes import RECEIVED, SENT
from sip.bridge.spoken.extensions import BODIES, EXTENSIONS
from sip.bridge.spoken.headers import KNOWN, UNKNOWN
from sip.bridge.spoken.methods import METHODS, Method

README = Path(__file__).parents[2] / "README.md"
BEGIN = "<!-- made by sip.bridge.spoken.tables: begin -->"
END = "<!-- made by sip.bridge.spoken.tables: end -->"


def tables() -> str:
    """Markdown."""
    return "\n".join(
        (
            *_table(("method", "in a call", "in none"), map(_method, METHODS)),
            "",
            "### Extensions",
            "",
            *_table(
                ("option tag", "required of us", ""),
                (
                    (
                        f"`{each.tag}`" if " " not in each.tag else each.tag,
                        _taken(each.understood),
                        each.about,
                    )
                    for each in EXTENSIONS
                ),
            ),
            "",
            "### Bodies",
            "",
            *_table(
                ("`Content-Type`", "of", "is answered with", ""),
                ((f"`{b.kind}`", b.method, str(b.code), b.about) for b in BODIES),
            ),
            "",
            "### Headers",
            "",
            "All short names that IANA keeps are understood.",
            "",
            *_table(("header", ""), ((f"`{h.name}`", h.about) for h in KNOWN)),
            "",
            _not_looked_at(),
            "",
            "### Codes",
            "",
            *_table(
                ("we answer", "when"), ((str(code), when) for code, when in sorted(SENT.items()))
            ),
            "",
            "A plan's `reject` may choose other codes of 400 to 699.",
            "",
            *_table(("we are answered", "and do"), RECEIVED.items()),
        )
    )


def placed(page: str) -> str:
    """The page with the tables between the marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def _not_looked_at() -> str:
    names = ", ".join(f"`{name}`" for name in UNKNOWN)
    return (
        f"Not looked at: {names}, and all others. With `include_headers` of a LiveKit trunk they "
        "are attributes of the participant."
    )


def _method(method: Method) -> tuple[str, str, str]:
    name = method.name if " " in method.name else f"`{method.name}`"
    return (
        name,
        _cell(method.inside, method.in_a_call),
        _cell(method.outside, method.in_none),
    )


def _cell(code: int, about: str) -> str:
    return "; ".join(part for part in (str(code) if code else "", about) if part)


def _taken(understood: bool) -> str:
    return "yes" if understood else "420"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


if __name__ == "__main__":
    README.write_text(placed(README.read_text()))
