"""What the next persona learns at a hand-over is what the dialplan says, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agents.calling import BILLING, PLAN, call_to
from tests.fakes.language_model import calls

NUMBER, PIN = "100200", "4711"
WORDS = "why is my bill so high"


@pytest.mark.parametrize(
    ("carry", "knows_customer", "knows_summary", "knows_words"),
    [
        ("[summary]", False, True, False),
        ("[summary, customer_id]", True, True, False),
        ("[summary, transcript]", False, True, True),
        ("[customer_id]", True, False, False),
        ("[]", False, False, False),
    ],
)
async def test_only_what_is_carried_reaches_the_next_persona(
    tmp_path: Path, carry: str, knows_customer: bool, knows_summary: bool, knows_words: bool
) -> None:
    """Who the caller is, what they wanted, what both said: each only if the plan names it."""
    text = PLAN.replace("billing: {prompt: p.md,", f"billing: {{carry: {carry}, prompt: p.md,", 1)
    script = calls("last_invoice"), calls("transfer_to_support")
    async with call_to(BILLING, *script, home=tmp_path, text=text) as call:
        await call.says(WORDS)
        await call.presses(NUMBER + PIN)
        await call.says("now my router")
        await call.until("persona support")
        read = str(call.stage.chat_ctx.to_dict()) + str(call.stage.instructions)

        assert (call.state.conversation.customer is not None) is knows_customer
        assert ("Asked about the last invoice." in call.stage.instructions) is knows_summary
        assert (WORDS in read) is knows_words
