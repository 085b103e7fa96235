"""A caller who has said what they want says it once."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from agents.personas.billing import Billing
from agents.personas.reception import Reception
from agents.personas.support import Support
from agents.speech.intents.intent_training import lesson
from agents.speech.intents.intents import IntentSet
from agents.speech.models.embed import Embedder
from agents.speech.models.understand import Understanding
from dialplans.contracts.speech_wire import Understood
from tests.agents.calling import RECEPTION, Call, call_to
from tests.fakes.language_model import calls

pytestmark = pytest.mark.speech


class Ears:
    """What the speech process understands, without the process."""

    async def understand(
        self, text: str, intents: IntentSet, language: str, *, among: Collection[str]
    ) -> Understood:
        learned = lesson(intents)
        mind = Understanding(
            Embedder(), learned.examples, threshold=learned.threshold, margin=learned.margin
        )
        return mind.rank(text, language, among=among)


def with_ears(call: Call) -> None:
    ears: Any = Ears()
    call.state.spoken.providers.speech = ears


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("What do I owe you?", "billing.ask_number"),
        ("Why is my bill so high?", "billing.ask_number"),
    ],
)
async def test_what_was_asked_before_is_answered_at_once(
    tmp_path: Path, sentence: str, first: str
) -> None:
    """Billing says who speaks and goes on with the question, without its list of choices."""
    async with call_to(RECEPTION, calls("transfer_to_billing"), home=tmp_path) as call:
        with_ears(call)
        await call.says(sentence)

        assert isinstance(call.stage, Billing)
        assert call.said[1:] == [
            call.phrase("reception.to_billing"),
            call.phrase("billing.here"),
            call.phrase(first),
        ]


async def test_a_fault_is_looked_into_without_being_told_twice(tmp_path: Path) -> None:
    """The first step is the one for what does not work."""
    async with call_to(RECEPTION, calls("transfer_to_support"), home=tmp_path) as call:
        with_ears(call)
        await call.says("My router keeps blinking red")

        assert isinstance(call.stage, Support)
        assert call.said[2] == call.phrase("support.here")
        assert "router" in call.said[3].lower()
        assert [event.name for event in call.record.of("tool")] == [
            "transfer_to_support",
            "troubleshoot",
        ]


async def test_reception_too_answers_what_was_asked_elsewhere(tmp_path: Path) -> None:
    """Billing does not know the opening hours; reception does, and is not asked twice."""
    script = [calls("transfer_to_billing"), calls("back_to_reception")]
    async with call_to(RECEPTION, *script, home=tmp_path) as call:
        with_ears(call)
        await call.says("Billing, please")
        await call.says("What are your opening hours?")

        assert isinstance(call.stage, Reception)
        to, here, hours = call.said[-3:]
        assert (to, here) == (call.phrase("billing.to_reception"), call.phrase("reception.here"))
        assert "open" in hours
        assert [event.name for event in call.record.of("tool")][-1] == "opening_hours"


@pytest.mark.parametrize("sentence", ["I have a question about my bill", "Billing, please"])
async def test_who_only_names_the_department_is_asked_what_it_is_about(
    tmp_path: Path, sentence: str
) -> None:
    """Guessing would cost the caller more than a question."""
    async with call_to(RECEPTION, calls("transfer_to_billing"), home=tmp_path) as call:
        with_ears(call)
        await call.says(sentence)

        assert call.said[-1] == call.phrase("billing.greeting")


async def test_a_hand_over_by_key_carries_no_old_sentence(tmp_path: Path) -> None:
    """What was said and answered before is not what the key was pressed for."""
    async with call_to(RECEPTION, calls("opening_hours"), home=tmp_path) as call:
        with_ears(call)
        await call.says("What do I owe you, and when are you open?")
        await call.presses("1")

        assert call.said[-1] == call.phrase("billing.greeting")
