"""The README teaches a plan that loads, and lists everything there is."""

import re

from dialplans.analysis.plan_tests import run_tests
from dialplans.engine.call_inputs import MEANINGS, HappeningKind
from dialplans.language.codes import CODES
from dialplans.language.load import Loaded, load_text
from dialplans.language.reference import README, models, placed

TEXT = README.read_text()
PROMPTS = {f"prompts/{name}.md": "You answer." for name in ("reception", "billing", "night")}


def lessons() -> Loaded:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return load_text("\n".join(blocks), others=PROMPTS)


def test_the_lessons_are_one_plan_without_a_problem() -> None:
    """Apart from a part that is there to be shown and that nothing leads to."""
    loaded = lessons()

    assert loaded.clean, loaded.report()
    assert [p.message for p in loaded.problems] == ["nothing leads to 'old_pbx'"]


def test_the_lessons_pass_their_tests() -> None:
    """What the README promises about calls is what the engine does."""
    loaded = lessons()
    assert loaded.plan is not None
    report = run_tests(loaded.plan)

    assert report.failed == 0, report.text()
    assert report.passed >= 5


def test_the_generated_part_is_fresh() -> None:
    """Made again with `python -m dialplans.language.reference`."""
    assert placed(TEXT) == TEXT


def test_every_key_code_and_happening_has_its_place() -> None:
    """A code has a heading of its own, so that it can be linked to."""
    headings = re.findall(r"^### (.+)$", TEXT, re.MULTILINE)
    rows = re.findall(r"^\| `([^`]+)` \|", TEXT, re.MULTILINE)
    keys = {f.alias or n for m in models() for n, f in m.model_fields.items()} - {"week"}

    assert set(CODES) <= set(headings)
    assert keys <= set(rows)
    assert set(HappeningKind) == set(MEANINGS)
    assert set(MEANINGS) <= {row.partition(" ")[0] for row in rows}


def test_every_link_within_the_page_leads_somewhere() -> None:
    """Anchors as code hosts make them: small letters, hyphens for spaces."""
    anchors = {h.lower().replace(" ", "-") for h in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)}

    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors
