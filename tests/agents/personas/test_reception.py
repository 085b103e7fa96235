"""Reception greets, hands over, and comes back."""

from __future__ import annotations

from pathlib import Path

from agents.personas.billing import Billing
from agents.personas.reception import Reception
from tests.agents.calling import RECEPTION, call_to
from tests.fakes.language_model import calls


async def test_reception_greets_in_the_language_of_the_number(tmp_path: Path) -> None:
    """The first words are the greeting, and the record knows who speaks."""
    async with call_to(RECEPTION, home=tmp_path) as call:
        assert call.said == [call.phrase("reception.greeting")]
        assert [event.name for event in call.record.of("persona")] == ["reception"]


async def test_a_question_about_the_bill_goes_to_billing_and_back(tmp_path: Path) -> None:
    """The hand-over is announced, the next persona greets, nobody introduces itself twice."""
    script = (calls("transfer_to_billing"), calls("back_to_reception"))
    async with call_to(RECEPTION, *script, home=tmp_path) as call:
        await call.says("I have a question about my bill")

        assert isinstance(call.stage, Billing)
        assert call.said[1:] == [
            call.phrase("reception.to_billing"),
            call.phrase("billing.greeting"),
        ]

        await call.says("back to reception please")

        assert isinstance(call.stage, Reception)
        assert call.said[3:] == [
            call.phrase("billing.to_reception"),
            call.phrase("reception.again"),
        ]
