"""Plans for the tests of the engine, built in memory."""

from __future__ import annotations

from pathlib import Path

from dialplans.analysis.walk import Walk, instant, walk
from dialplans.engine.compiled import CompiledPlan
from dialplans.language.build import build
from dialplans.language.load import Loaded, load_text
from dialplans.language.yaml_tree import parse
from dialplans.model import Dialplan
from dialplans.model.resolve import resolve
from dialplans.telephony.call import CallContext

FILES = {"p.md": "You answer the telephone."}
HERE = Path(__file__).parent
MAIN = HERE.parents[1] / "dialplans/main.yaml"

COMPANY = (HERE / "company.yaml").read_text()
RICH = (HERE / "rich.yaml").read_text()

DE, US = "+498920001000", "+14155550100"
SOMEBODY = "+491701234567"
MONDAY = "2026-11-23 10:00"


def loaded(text: str) -> Loaded:
    """From memory; files that the text names may be missing there."""
    return load_text(text, others=FILES)


def plan(text: str) -> Dialplan:
    built = loaded(text)
    assert built.plan is not None, built.report()
    return built.plan


def ready(text: str) -> CompiledPlan:
    built = loaded(text)
    assert built.plan is not None, built.report()
    return CompiledPlan(built.plan, built.revision)


def unchecked(text: str) -> Dialplan:
    """A plan whose rules nobody looked at: such a one never goes live."""
    tree, problems = parse(text, "dialplan.yaml")
    assert tree is not None, problems
    built, problems = build(tree)
    assert built is not None, problems
    return resolve(built)


def edited(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the plan"
    return text.replace(old, new)


def go(where: Dialplan, *events: str, to: str = DE, frm: str = SOMEBODY, at: str = MONDAY) -> Walk:
    """A call on a Monday at ten, unless said otherwise."""
    call = CallContext(to, frm, "call-1")
    return walk(CompiledPlan(where), call, instant(where, at), events=events)
