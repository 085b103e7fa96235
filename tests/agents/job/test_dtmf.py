"""Keys of a number are recorded as dots, and keys that were offered as they are."""

from __future__ import annotations

from pathlib import Path

from agents.job.dtmf import DtmfKeys
from tests.agents.calling import BILLING, call_to
from tests.fakes.contact_centre import Staff
from tests.fakes.language_model import calls


async def test_what_is_typed_ahead_of_a_question_is_a_number_from_its_first_key(
    tmp_path: Path,
) -> None:
    """The first key may open the sealed step itself; whoever waits for the question has chosen."""
    async with call_to(BILLING, home=tmp_path) as call:
        keys = DtmfKeys(call.state)
        keys.pressed("1", choice=True)
        call.state.sealed = True
        for digit in "00200":
            keys.pressed(digit, choice=True)
        call.state.sealed = False
        keys.close()
        keys.pressed("1", choice=True)
        keys.answered(call.state.audio_redaction._clock())
        keys.pressed("9", choice=True)
        keys.pressed("4", choice=False)
        keys.close()
        for digit in "4711":
            keys.pressed(digit, choice=True)
        keys.close()
        await call.settled()

        shown = "".join(event.digit for event in call.record.of("dtmf"))
        assert shown == "••••••" + "1" + "••" + "••••"
        assert call.state.masking.repeats("4711")


async def test_one_key_alone_is_no_number(tmp_path: Path) -> None:
    """Though nobody offered it; a second one soon after it is more of the same, however slowly it
    is typed, and so is one too many after a secret."""
    async with call_to(BILLING, home=tmp_path) as call:
        for slowly in (True, False):
            keys = DtmfKeys(call.state)
            for digit in "68":
                keys.pressed(digit, choice=False)
                if slowly:
                    keys.close()
            keys.close()
        keys = DtmfKeys(call.state)
        call.state.sealed = True
        keys.pressed("4", choice=False)
        call.state.sealed = False
        keys.pressed("7", choice=False)
        keys.close()
        await call.settled()

        assert "".join(event.digit for event in call.record.of("dtmf")) == "6•" + "••" + "••"


async def test_keys_that_are_offered_are_choices(tmp_path: Path) -> None:
    """Those of the persona's intents, and of menus; not what a sealed step takes."""
    async with call_to(BILLING, calls("balance"), home=tmp_path, staff=Staff()) as call:
        offered = [digit for digit in "0123456789*#" if call.stage.offers(digit)]
        await call.says("my balance")
        sealed = [digit for digit in "0123456789*#" if call.stage.offers(digit)]

        assert "1" in offered
        assert "7" not in offered
        assert sealed == []
