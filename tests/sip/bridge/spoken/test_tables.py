"""The tables of what is spoken agree with the code that speaks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from sip.bridge.sdp.bodies import ACCEPT
from sip.bridge.signalling.status import ACCEPT as SAID
from sip.bridge.signalling.status import METHODS as ALLOWED
from sip.bridge.signalling.status import REASONS, UNDERSTOOD
from sip.bridge.spoken.codes import SENT
from sip.bridge.spoken.extensions import BODIES, EXTENSIONS
from sip.bridge.spoken.headers import KNOWN, UNKNOWN
from sip.bridge.spoken.methods import METHODS
from sip.bridge.spoken.tables import README, placed

ROOT = Path(__file__).parents[4]
CODE = [
    *(path for path in (ROOT / "sip/bridge").rglob("*.py") if "spoken" not in path.parts),
    *(ROOT / "dialplans/telephony").rglob("*.py"),
]
ANSWERS = {
    *("respond", "answer", "Refusal"),
    *("RefusedError", "BadMessageError", "BadRegisterError"),
}
"""Calls whose first number is a code that is sent."""
OF_LIVEKIT = {404}
"""Codes that are read out of what the plan or livekit-server says of a call."""


NAMES_ALL = ROOT / "sip/bridge/signalling/reading/parse.py"
"""It reads headers that nobody looks at too: by their short names, and those that are lists."""


def nodes(*but: Path) -> Iterator[ast.AST]:
    for path in CODE:
        if path not in but:
            yield from ast.walk(ast.parse(path.read_text()))


def texts(*but: Path) -> set[str]:
    """All strings of the code, in small letters."""
    found = (node.value for node in nodes(*but) if isinstance(node, ast.Constant))
    return {value.lower() for value in found if isinstance(value, str)}


def name_of(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def codes() -> Iterator[int]:
    for node in nodes():
        values: list[ast.expr] = []
        if isinstance(node, ast.Call) and name_of(node.func) in ANSWERS:
            values = node.args[:3]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.IfExp):
            either = [node.value.body, node.value.orelse]
            values = either if all(isinstance(each, ast.Constant) for each in either) else []
        elif isinstance(node, ast.ClassDef):  # an error whose code is its own
            own = (each for each in node.body if isinstance(each, ast.Assign))
            values = [each.value for each in own if name_of(each.targets[0]) == "code"]
        for value in values:
            number = value.value if isinstance(value, ast.Constant) else None
            if isinstance(number, int) and 100 <= number < 700:
                yield number


def test_the_page_is_fresh() -> None:
    """`python -m sip.bridge.spoken.tables` writes it."""
    page = README.read_text()

    assert placed(page) == page


def test_allow_names_the_methods_that_are_spoken() -> None:
    spoken = [method.name for method in METHODS if 405 not in (method.inside, method.outside)]

    assert sorted(spoken) == sorted(ALLOWED)


def test_what_may_be_required_is_what_supported_names() -> None:
    assert {each.tag for each in EXTENSIONS if each.understood} == set(UNDERSTOOD.split(", "))


def test_the_bodies_of_an_invite_are_those_that_accept_names() -> None:
    taken = {body.kind for body in BODIES if body.method == "INVITE" and body.code == 200}

    assert SAID == ACCEPT
    assert taken <= set(ACCEPT.split(", "))


def test_every_header_that_is_read_or_written_has_its_line() -> None:
    """And a header that nothing knows any more has none: each name stands in the code."""
    known = {header.name.lower() for header in KNOWN}

    assert known - texts() == set()
    assert {name.lower() for name in UNKNOWN} & texts(NAMES_ALL) == set()
    assert [h.name.lower() for h in KNOWN] == sorted(known)


def test_every_code_that_is_sent_has_its_line_and_its_words() -> None:
    sent = set(codes()) | OF_LIVEKIT

    assert sent == set(SENT)
    assert set(SENT) - set(REASONS) == set()
