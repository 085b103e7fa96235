"""Support walks through its questions and opens a ticket where they do not help."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialplans.telephony.call import ANONYMOUS
from tests.agents.calling import BILLING, Call, call_to
from tests.fakes.language_model import Answer, calls

TO_SUPPORT = calls("transfer_to_support")


async def reach_support(call: Call) -> None:
    await call.says("it is about my line")
    assert call.stage.place == "persona support"


async def test_the_steps_end_in_a_ticket_with_a_number(tmp_path: Path) -> None:
    """Each answer leads to the next question; what was tried and said is in the ticket."""
    script = (
        TO_SUPPORT,
        calls("troubleshoot"),
        calls("answer", yes=False),
        calls("answer", yes=False),
    )
    async with call_to(BILLING, *script, home=tmp_path) as call:
        await reach_support(call)
        await call.says("my internet does not work")

        assert call.said[-1] == call.phrase("support.step_lights")

        await call.says("no")

        assert call.said[-1] == call.phrase("support.step_cable")

        await call.says("still not")

        assert call.said[-1].startswith(call.phrase("support.not_solved"))
        assert "ticket number 4, 0, 0, 1" in call.said[-1]

        ticket = await call.state.services.crm.last_ticket(call.state.facts.context.caller)

        assert ticket is not None
        assert "my internet does not work" in ticket.text


async def test_who_cannot_say_is_asked_to_look_and_then_gets_an_engineer(tmp_path: Path) -> None:
    """Once more with the question, and not a third time."""
    script = (TO_SUPPORT, calls("troubleshoot"), calls("unsure"), calls("unsure"))
    async with call_to(BILLING, *script, home=tmp_path) as call:
        await reach_support(call)
        await call.says("my internet does not work")
        await call.says("I have no idea")

        assert call.said[-1].startswith(call.phrase("support.unsure"))
        assert call.said[-1].endswith(call.phrase("support.step_lights"))

        await call.says("I really do not know")

        assert call.said[-1].startswith(call.phrase("support.not_solved"))


@pytest.mark.parametrize(
    ("problem", "works", "then"),
    [
        ("phone", True, "support.solved"),
        ("phone", False, "support.not_solved"),
        ("internet", True, "support.step_restart"),
        ("slow", True, "support.slow_wifi"),
        ("slow", False, "support.step_restart"),
    ],
)
async def test_whether_it_works_answers_what_was_asked(
    tmp_path: Path, problem: str, works: bool, then: str
) -> None:
    """ "It works there" says no to "is it still slow?"."""
    script = (TO_SUPPORT, calls("troubleshoot", problem=problem), calls("working", works=works))
    async with call_to(BILLING, *script, home=tmp_path) as call:
        await reach_support(call)
        await call.says("it is about my line")
        await call.says("well, now")

        assert call.said[-1].startswith(call.phrase(then))


async def test_keys_answer_yes_and_no_while_a_question_is_open(tmp_path: Path) -> None:
    """The keys 1 and 2 mean something else before and after."""
    async with call_to(BILLING, TO_SUPPORT, home=tmp_path) as call:
        await reach_support(call)
        await call.presses("1")

        assert call.said[-1] == call.phrase("support.step_lights")

        await call.presses("1")

        assert call.said[-1] == call.phrase("support.step_restart")

        await call.presses("1")

        assert call.said[-1].startswith(call.phrase("support.solved"))


async def test_one_call_opens_one_ticket(tmp_path: Path) -> None:
    """Asking again says the same number again."""
    script: tuple[Answer, ...] = (
        TO_SUPPORT, calls("open_ticket"), calls("open_ticket"), calls("ticket_status"),
    )  # fmt: skip
    async with call_to(BILLING, *script, home=tmp_path) as call:
        await reach_support(call)
        await call.says("send an engineer")
        await call.says("did you open the ticket?")

        assert call.said[-1] == call.said[-2]

        await call.says("what about my ticket")

        assert "4, 0, 0, 1" in call.said[-1]


async def test_a_withheld_caller_is_not_told_of_somebody_elses_ticket(tmp_path: Path) -> None:
    """All who withhold their number look alike; none of them may ask for what another opened."""
    script = TO_SUPPORT, calls("ticket_status")
    async with call_to(BILLING, *script, home=tmp_path, caller=ANONYMOUS) as call:
        await call.state.services.crm.open_ticket("no line", caller=ANONYMOUS, customer=None)
        await reach_support(call)
        await call.says("what about my ticket")

        assert call.said[-1] == call.phrase("support.no_ticket")
