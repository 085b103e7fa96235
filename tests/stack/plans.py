"""The plan of the demo company with more in it, for stories that need a place of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

PLANS = Path(__file__).parents[2] / "dialplans"
TRUNK = "127.0.0.1:5090"

WARM, PLAIN, TONGUES = "+442079465801", "+442079465802", "+442079465803"
"""Calls that go on outside, with and without a key to take them, and a choice of languages."""

MORE = {
    "numbers": f"""
  "{WARM}": {{trunk: local, language: en, route: warm}}
  "{PLAIN}": {{trunk: local, language: en, route: plain}}
  "{TONGUES}": {{trunk: local, language: en, route: tongues}}
""",
    "routes": """
  warm: [{do: {target: duty_phone}}]
  plain: [{do: {target: plain}}]
  tongues: [{do: {menu: tongues}}]
""",
    "targets": """
  plain: {dial: "+493023125900", via: local, ring: 15s, else: {voicemail: messages}}
""",
    "menus": """
  tongues:
    say: {en: "For English, press 1. For German, press 2.", de: "Deutsch die 2."}
    keys: {"1": {persona: reception}, "2": {persona: empfang}}
    else: {persona: reception}
""",
    "personas": """
  empfang: {extends: reception, language: de}
""",
}


def story_plan(folder: Path, trunk_port: int) -> Path:
    """The file of the plan, written to `folder`, with all of `MORE` and a trunk that leads to that
    port. It belongs to the tests, some of which apply changes to it."""
    shutil.copytree(PLANS / "prompts", folder / "prompts")
    text = (PLANS / "main.yaml").read_text()
    assert TRUNK in text
    text = text.replace(TRUNK, f"127.0.0.1:{trunk_port}")
    for section, lines in MORE.items():
        assert f"\n{section}:" in text, section
        text = text.replace(f"\n{section}:", f"\n{section}:\n" + lines.strip("\n"), 1)
    plan = folder / "main.yaml"
    plan.write_text(text)
    return plan
