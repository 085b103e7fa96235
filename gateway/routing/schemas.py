"""What the routing pages send and get; the engine's own JSON, given types."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import msgspec

Path = Annotated[
    str,
    msgspec.Meta(pattern=r"^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]*\.(ya?ml|md)$", max_length=120),
]
LARGEST_DRAFT = 24 * 1024 * 1024
"""Room for the largest plan with its prompts, however its characters are written in JSON."""
Number = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class File(msgspec.Struct, frozen=True):
    """`path` is relative to the plan's folder. What is too large is told as a problem of the plan,
    with its place; a body of more than `LARGEST_DRAFT` is not read at all."""

    path: Path
    text: str


Files = Annotated[list[File], msgspec.Meta(min_length=1, max_length=200)]
"""The first is the plan itself; the others are what it includes and names."""


class Draft(msgspec.Struct, frozen=True):
    files: Files


class MaybeDraft(msgspec.Struct, frozen=True):
    """Without files the plan that is in force is meant."""

    files: Files | None = None


class ExplainWish(msgspec.Struct, frozen=True, kw_only=True):
    """`at` is read in the number's time zone unless it has an offset; null is now."""

    called: Number
    caller: Number = "anonymous"
    at: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    headers: dict[str, str] = {}
    files: Files | None = None


class CalendarWish(msgspec.Struct, frozen=True, kw_only=True):
    first: date
    days: Annotated[int, msgspec.Meta(ge=1, le=62)] = 14
    files: Files | None = None


class ApplyWish(msgspec.Struct, frozen=True, kw_only=True):
    """`base` is the revision the draft was made from; another one in force refuses the draft."""

    files: Files
    base: Annotated[str, msgspec.Meta(max_length=80)] | None


class RollbackWish(msgspec.Struct, frozen=True):
    revision: Annotated[str, msgspec.Meta(min_length=6, max_length=80, pattern="^[0-9a-zA-Z]+$")]


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """`in_step`: the file on the disk says what is in force."""

    revision: str | None
    files: list[File]
    author: str
    at: datetime | None
    in_step: bool


class PlanProblem(msgspec.Struct, frozen=True, kw_only=True):
    """`line` and `column` begin at 1; `severity` is error, warning or note."""

    file: str
    line: int
    column: int
    code: str
    severity: str
    message: str
    suggestion: str


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    ok: bool
    revision: str | None
    problems: list[PlanProblem]


class TraceStep(msgspec.Struct, frozen=True):
    rule: str
    matched: bool
    because: str


class Going(msgspec.Struct, frozen=True):
    kind: str
    name: str | None


class Refusing(msgspec.Struct, frozen=True):
    code: int
    reason: str


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is the same to read aloud."""

    decision: Going
    path: list[str]
    steps: list[TraceStep]
    local_time: str
    revision: str
    refused: Refusing | None
    text: str


class TestResult(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    passed: bool
    expected: list[str]
    got: list[str]
    steps: list[TraceStep]
    problem: str


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    passed: int
    failed: int
    tests: list[TestResult]


class GraphNode(msgspec.Struct, frozen=True):
    id: str
    kind: str
    name: str


class GraphEdge(msgspec.Struct, frozen=True, rename={"frm": "from"}):
    frm: str
    to: str
    label: str


class Drawn(msgspec.Struct, frozen=True):
    nodes: list[GraphNode]
    edges: list[GraphEdge]


class CalendarDay(msgspec.Struct, frozen=True):
    date: date
    open: list[str]
    note: str


class CalendarRow(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    label: str
    timezone: str
    hours: str | None
    days: list[CalendarDay]


class CalendarPage(msgspec.Struct, frozen=True, rename={"first": "from"}):
    first: date
    numbers: list[CalendarRow]


class MovedCall(msgspec.Struct, frozen=True, rename={"frm": "from"}):
    to: str
    frm: str
    at: str


class Moved(msgspec.Struct, frozen=True, kw_only=True, rename={"frm": "from"}):
    """Calls that went one way and would go another for the same reason."""

    frm: str
    to: str
    because: str
    count: int
    calls: list[MovedCall]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """`moved` of the `replayed` calls would go elsewhere; `changes` are as the engine says them."""

    changes: list[dict[str, Any]]
    replayed: int
    moved: int
    examples: list[Moved]


class StepDone(msgspec.Struct, frozen=True, kw_only=True):
    what: str
    ok: bool
    detail: str = ""


class Applied(msgspec.Struct, frozen=True):
    revision: str
    steps: list[StepDone]


class RevisionEntry(msgspec.Struct, frozen=True, kw_only=True):
    revision: str
    author: str
    at: datetime
    before: str
    changes: list[str]
    rollback: bool
    current: bool


class Revisions(msgspec.Struct, frozen=True):
    items: list[RevisionEntry]


class Revision(msgspec.Struct, frozen=True):
    revision: str
    files: list[File]
