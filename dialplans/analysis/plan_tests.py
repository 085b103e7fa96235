"""The tests that a plan carries, run on the live engine with the clock they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree  # written, never read

from dialplans.analysis.walk import Walk, instant, steps_of, walk
from dialplans.engine.call_inputs import UnknownHappeningError
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.decision import Step
from dialplans.engine.received import received
from dialplans.model import Dialplan, PlanTest
from dialplans.telephony.call import CallContext

TEST_CALL = "call-test"
"""The call id of every test, so that a split without a caller is drawn alike each time."""


@dataclass(frozen=True)
class Result:
    name: str
    passed: bool
    expected: tuple[str, ...]
    got: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "passed": self.passed,
            "expected": list(self.expected),
            "got": list(self.got),
            "steps": [_step(s) for s in self.steps],
            "problem": self.problem,
        }

    def text(self) -> str:
        """One line if it passed; expected, got and the trace if it did not."""
        if self.passed:
            return f"ok    {self.name}"
        lines = [f"FAIL  {self.name}", f"        expected  {' → '.join(self.expected)}"]
        lines.append(f"        got       {' → '.join(self.got) or 'nothing'}")
        if self.problem:
            lines.append(f"        {self.problem}")
        trace = (f"{'✓' if s.matched else '·'} {s.rule}: {s.because}" for s in self.steps)
        return "\n".join([*lines, *(f"        {line}" for line in trace)])


@dataclass(frozen=True)
class Report:
    results: tuple[Result, ...]

    @property
    def failed(self) -> int:
        return sum(not r.passed for r in self.results)

    @property
    def passed(self) -> int:
        return len(self.results) - self.failed

    def as_json(self) -> dict[str, Any]:
        tests = [r.as_json() for r in self.results]
        return {"passed": self.passed, "failed": self.failed, "tests": tests}

    def text(self) -> str:
        summary = f"{self.passed} passed, {self.failed} failed"
        return "\n".join([*(r.text() for r in self.results), summary])

    def junit(self, suite: str) -> str:
        """The XML that continuous integration reads; characters XML cannot hold are left out."""
        root = ElementTree.Element(
            "testsuite", name=suite, tests=str(len(self.results)), failures=str(self.failed)
        )
        for r in self.results:
            case = ElementTree.SubElement(root, "testcase", classname=suite, name=_plain(r.name))
            if not r.passed:
                said = f"expected {' → '.join(r.expected)}, got {' → '.join(r.got)}"
                failure = ElementTree.SubElement(case, "failure", message=_plain(said))
                failure.text = _plain(r.text())
        ElementTree.indent(root)
        return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def run_tests(plan: Dialplan) -> Report:
    ready = CompiledPlan(plan)
    return Report(tuple(run_test(ready, test) for test in plan.tests))


def run_test(ready: CompiledPlan, test: PlanTest) -> Result:
    """A happening that does not exist fails the test and says so; nothing is raised."""
    try:
        walked = walk_test(ready, test)
    except UnknownHappeningError as error:
        return Result(test.name, False, test.expect, (), problem=str(error))
    passed = accepts(test.expect, walked.path)
    return Result(test.name, passed, test.expect, walked.path, steps_of(ready, walked))


def passes(ready: CompiledPlan, test: PlanTest) -> bool:
    """The same answer as `run_test` without its words, for those who ask thousands of times."""
    try:
        return accepts(test.expect, walk_test(ready, test).path)
    except UnknownHappeningError:
        return False


def walk_test(ready: CompiledPlan, test: PlanTest) -> Walk:
    plan = ready.plan
    return walk(ready, call_of(plan, test), instant(plan, test.at), events=test.events)


def call_of(plan: Dialplan, test: PlanTest) -> CallContext:
    """The numbers may be written as people and carriers write them."""
    sent = CallContext(
        called=test.called,
        caller=test.caller,
        call_id=TEST_CALL,
        source_ip=test.address,
        headers=test.headers,
    )
    return received(plan, sent)


def accepts(expected: tuple[str, ...], got: tuple[str, ...]) -> bool:
    """`persona a | b` accepts either; a second alternative without its kind has the first's."""
    if len(expected) != len(got):
        return False
    return all(
        place == want or place in _ways(want) for want, place in zip(expected, got, strict=True)
    )


def _ways(want: str) -> tuple[str, ...]:
    first, *others = (part.strip() for part in want.split("|"))
    kind = first.partition(" ")[0]
    return (first, *(other if " " in other else f"{kind} {other}" for other in others), *others)


def _step(step: Step) -> dict[str, Any]:
    return {"rule": step.rule, "matched": step.matched, "because": step.because}


def _plain(text: str) -> str:
    return "".join(
        c for c in text if c in "\n\t" or (c.isprintable() and c < "\ud800") or c > "\ue000"
    )
