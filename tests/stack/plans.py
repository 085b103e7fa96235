"""The plan of the demo company with more in it, for stories that need a place of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

PLANS = Path(__file__).parents[2] / "dialplans"


def plan_with(folder: Path, **more: str) -> Path:
    """The file of the plan, written to `folder`: each section, such as `routes`, begins with what
    is given for it. Without the plan's tests, which know nothing of that."""
    shutil.copytree(PLANS / "prompts", folder / "prompts")
    text = (PLANS / "main.yaml").read_text().split("\ntests:")[0]
    for section, lines in more.items():
        assert f"\n{section}:" in text, section
        text = text.replace(f"\n{section}:", f"\n{section}:\n" + lines.strip("\n"), 1)
    plan = folder / "main.yaml"
    plan.write_text(text)
    return plan
