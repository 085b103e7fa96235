"""Billing tells nobody anything before number and PIN were checked, and leaves no trace of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from agents.speech.client.stt import EmbeddedSTT
from tests.agents.calling import BILLING, call_to
from tests.agents.traces import of_call
from tests.fakes.contact_centre import SlowBooks, Staff
from tests.fakes.language_model import calls

NUMBER, PIN = "100200", "4711"


async def test_the_balance_is_told_after_number_and_pin_were_typed(tmp_path: Path) -> None:
    """What was asked for first is answered as soon as the caller is known."""
    async with call_to(BILLING, calls("balance"), home=tmp_path) as call:
        await call.says("What do I owe?")

        assert call.said[-1] == call.phrase("billing.ask_number")

        await call.presses(NUMBER)

        assert call.said[-1] == call.phrase("billing.ask_pin")

        await call.presses(PIN)

        assert call.said[-1].startswith("Thank you, Maya Okafor. You owe 77 pounds")


async def test_number_and_pin_may_be_spoken(tmp_path: Path) -> None:
    """Also in pieces, and with "double"."""
    async with call_to(BILLING, calls("balance"), home=tmp_path) as call:
        await call.says("my balance")
        await call.says("it's one double oh")
        await call.says("two zero zero")

        assert call.said[-1] == call.phrase("billing.ask_pin")

        await call.says("four seven double one")

        assert "You owe 77 pounds" in call.said[-1]


@pytest.mark.parametrize("typed", [True, False])
async def test_a_pin_leaves_no_trace(tmp_path: Path, typed: bool) -> None:
    """Neither in the record nor in the conversation, nor in anything the model was given."""
    async with call_to(BILLING, calls("balance"), calls("last_invoice"), home=tmp_path) as call:
        await call.says("my balance")
        if typed:
            await call.presses(NUMBER + PIN)
        else:
            await call.says(" ".join(NUMBER))
            await call.says("four seven one one")
        await call.says("and the last invoice?")

        assert "engineer's visit" in call.said[-1]
        for secret in (PIN, "four seven one one", "4 7 1 1"):
            assert secret not in of_call(call)


async def test_the_recogniser_knows_how_many_digits_to_expect(tmp_path: Path) -> None:
    """All of them, then the rest; both numbers may come at once; and none once it is done."""
    async with call_to(BILLING, calls("balance"), home=tmp_path) as call:
        ears = call.session.stt
        assert isinstance(ears, EmbeddedSTT)

        expected = []
        for keys in ("", "1", "00200", "4", "711"):
            if keys:
                await call.presses(keys)
            else:
                await call.says("my balance")
            expected.append(ears.digits)

        assert expected == [(6, 10), (5,), (4,), (3,), ()]


async def test_while_sealed_nothing_is_prepared_ahead(tmp_path: Path) -> None:
    """A model would otherwise read the PIN before the caller has finished saying it."""
    async with call_to(BILLING, calls("balance"), home=tmp_path) as call:
        await call.says("my balance")

        assert call.state.sealed
        assert call.session.options.preemptive_generation["enabled"] is False

        await call.presses(NUMBER + PIN)

        assert not call.state.sealed
        assert call.session.options.preemptive_generation["enabled"] is True


async def test_the_last_invoice_is_explained(tmp_path: Path) -> None:
    """Its sum, what it is made of, and why it is more than the one before."""
    async with call_to(BILLING, calls("last_invoice"), home=tmp_path) as call:
        await call.says("why is my bill so high")
        await call.presses(NUMBER + PIN)

        assert "comes to 77 pounds" in call.said[-1]
        assert "an engineer's visit for 45 pounds" in call.said[-1]
        assert "when it was 32 pounds" in call.said[-1]


async def test_an_invoice_is_promised_to_the_address_in_the_books(tmp_path: Path) -> None:
    async with call_to(BILLING, calls("send_invoice"), home=tmp_path) as call:
        await call.says("send it again")
        await call.presses(NUMBER + PIN)

        assert call.phrase("billing.promised", address="14 Harbour Street") in call.said[-1]


async def test_three_wrong_pins_lead_to_a_person(tmp_path: Path) -> None:
    """And nothing was told; the fourth try, even a right one, comes too late."""
    async with call_to(BILLING, calls("balance"), home=tmp_path, staff=Staff("support")) as call:
        await call.says("my balance")
        for wrong in ("0000", "1111", "2222"):
            await call.presses(NUMBER + wrong)
        await call.until("queue support")

        assert call.phrase("billing.refused") in call.said
        assert not any("pounds" in text for text in call.said)
        assert not call.state.sealed

        found = await call.state.services.crm.identify(NUMBER, PIN)

        assert found is None


@pytest.mark.parametrize("there", [True, False])
async def test_who_is_not_identified_hears_why_and_what_they_can_do(
    tmp_path: Path, there: bool
) -> None:
    """A connection is only promised if somebody is there to take it."""
    staff = Staff("support") if there else Staff()
    async with call_to(BILLING, calls("balance"), home=tmp_path, staff=staff) as call:
        await call.says("my balance")
        for wrong in ("0000", "1111", "2222"):
            await call.presses(NUMBER + wrong)
        await call.until("queue support" if there else "voicemail messages")
        after = call.said[call.said.index(call.phrase("billing.refused")) + 1 :]

        if there:
            assert after == [call.phrase("person.through"), call.phrase("person.ringing")]
        else:
            assert after[:2] == [
                call.phrase("person.nobody"),
                call.phrase("person.instead_voicemail"),
            ]


async def test_words_instead_of_digits_are_understood_as_words(tmp_path: Path) -> None:
    """ "A person, please" works in the middle of the identification."""
    script = (calls("balance"), calls("person"))
    async with call_to(BILLING, *script, home=tmp_path, staff=Staff("support")) as call:
        await call.says("my balance")
        await call.says("I don't have it, a person please")

        assert call.stage.place == "queue support"


async def test_books_that_are_closed_lead_to_a_person(tmp_path: Path) -> None:
    """The caller hears that it cannot be looked up, and is not asked again and again."""
    broken = partial(SlowBooks, broken=True)
    setting = {"home": tmp_path, "company": broken, "staff": Staff("support")}
    async with call_to(BILLING, calls("balance"), **setting) as call:
        await call.says("my balance")
        await call.presses(NUMBER + PIN)
        await call.until("queue support")

        assert call.phrase("billing.unavailable") in call.said


async def test_slow_books_are_bridged_with_a_word(tmp_path: Path) -> None:
    """No dead air: after the time that is set the caller hears that it takes a moment."""
    slow = partial(SlowBooks, seconds=0.6)
    setting = {"home": tmp_path, "company": slow, "filler_after": 0.2}
    async with call_to(BILLING, calls("balance"), **setting) as call:
        await call.says("my balance")
        await call.presses(NUMBER + PIN)
        await call.settled(1.0)

        assert call.phrase("call.filler") in call.said
        assert "You owe" in call.said[-1]


async def test_a_known_caller_is_not_asked_twice(tmp_path: Path) -> None:
    async with call_to(BILLING, calls("balance"), calls("balance"), home=tmp_path) as call:
        await call.says("my balance")
        await call.presses(NUMBER + PIN)
        await call.says("say that again, what do I owe?")

        assert call.said.count(call.phrase("billing.ask_number")) == 1
        assert call.said[-1].startswith("You owe 77 pounds")
