from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sip.phone import HungUpError, Phone, PhoneCall, RefusedError, device
from tests.phone.test_ear import tone
from tests.stack.free_ports import free_ports

pytestmark = pytest.mark.stack
"""Sound in real time, and a SIP stack that wants its ports: not beside other tests."""


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    """A phone that calls itself: both ends are real SIP and real RTP."""
    async with Phone() as phone:
        yield phone


async def connected(phone: Phone) -> tuple[PhoneCall, PhoneCall]:
    """(who called, who was called), both established."""
    calling = await phone.dial(await phone.be_reachable())
    called = await phone.rings()
    await asyncio.gather(calling.answered(), called.answer())
    return calling, called


async def test_a_call_rings_is_answered_and_ends(phone: Phone) -> None:
    """The marks tell what happened in its order; who hung up is known on both sides."""
    calling, called = await connected(phone)
    await called.hang_up()
    await calling.until_closed()

    marks = [mark.what for mark in calling.marks]
    assert marks.index("ringing") < marks.index("established") < marks.index("closed")
    assert calling.ended_by_far_end
    assert not called.ended_by_far_end
    assert "+4989555000" in called.peer


async def test_a_port_that_somebody_took_meanwhile_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between finding a free port and using it another program may come first."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        ports = iter([taken.getsockname()[1], *free_ports(1)])
        monkeypatch.setattr(device, "_free_port", lambda: next(ports))
        async with Phone() as phone:
            calling, called = await connected(phone)

            assert calling.open
            assert called.open


async def test_what_one_side_says_the_other_hears(phone: Phone) -> None:
    """A second of tone is heard as one segment of about a second."""
    calling, called = await connected(phone)
    await called.play(tone(1.0))
    await calling.hears_silence(0.6)

    assert len(calling.heard) == 1
    length = calling.heard[0].offset - calling.heard[0].onset
    assert 0.8 < length < 1.4
    samples, rate = calling.far_audio(calling.heard[0])
    assert rate == 8000
    assert np.abs(samples).max() > 4000


async def test_a_reply_is_what_is_said_after_one_has_spoken(phone: Phone) -> None:
    """The next onset after this phone's last sound; what came before does not count."""
    calling, called = await connected(phone)
    await called.play(tone(0.3))
    await calling.hears_silence(0.5)
    await calling.play(tone(0.5))
    answering = asyncio.create_task(called.play(tone(0.4)))
    reply = await calling.hears_reply(pause_s=0.6)
    await answering

    assert reply.onset >= calling.spoke_until - 0.1
    assert reply == calling.heard[-1]


async def test_keys_arrive_as_they_were_pressed(phone: Phone) -> None:
    """RFC 4733 events, all sixteen characters that a telephone has but A to D."""
    calling, called = await connected(phone)
    await calling.dtmf("12*0#")
    for _ in range(100):
        if len(called.digits) == 5:
            break
        await asyncio.sleep(0.05)

    assert "".join(digit for _, digit in called.digits) == "12*0#"


async def test_a_refusal_has_its_code(phone: Phone) -> None:
    """Busy is 486, and whoever waits for an answer learns it."""
    calling = await phone.dial(await phone.be_reachable())
    called = await phone.rings()
    await called.reject()

    with pytest.raises(RefusedError) as refused:
        await calling.answered(10)

    assert (refused.value.code, refused.value.reason) == (486, "Busy Here")


async def test_a_far_end_that_is_quicker_than_this_program_is_understood(phone: Phone) -> None:
    """While this program is busy with something else, one phone rings and another is refused: the
    ringing is not lost, and the refusal has its code."""
    number = await phone.be_reachable()
    await (await phone.dial(number)).hang_up()

    asyncio.get_running_loop().call_soon(time.sleep, 0.3)
    rung = await phone.dial(number)
    asyncio.get_running_loop().call_soon(time.sleep, 0.3)
    refused = await phone.dial(f"sip:unknown@{phone.address}")

    assert rung.at("ringing") is not None
    with pytest.raises(RefusedError) as error:
        await refused.answered(5)
    assert error.value.code == 404


async def test_nobody_there_is_refused_without_a_code(phone: Phone) -> None:
    """An address where nothing listens never answers."""
    calling = await phone.dial("sip:nobody@127.0.0.1:9")

    with pytest.raises(RefusedError) as refused:
        await calling.answered(0.5)

    assert refused.value.code is None


async def test_a_far_end_that_hangs_up_ends_the_waiting(phone: Phone) -> None:
    """Whoever waits for speech that will not come is told, not left to time out."""
    calling, called = await connected(phone)
    waiting = asyncio.create_task(calling.hears_speech(timeout_s=60))
    await asyncio.sleep(0.1)
    await called.hang_up()

    with pytest.raises(HungUpError):
        await waiting


async def test_a_call_is_saved_with_a_side_each(phone: Phone, tmp_path: Path) -> None:
    """Left is who called, right what was heard."""
    calling, called = await connected(phone)
    await calling.play(tone(0.4))
    await called.play(tone(0.4))
    await calling.hears_silence(0.5)
    await calling.hang_up()
    calling.save(tmp_path / "call.wav")

    samples, rate = soundfile.read(tmp_path / "call.wav", dtype="int16")

    assert rate == 8000
    assert np.abs(samples[:, 0]).max() > 4000
    assert np.abs(samples[:, 1]).max() > 4000


async def test_a_call_that_was_never_answered_cannot_be_saved(phone: Phone, tmp_path: Path) -> None:
    """There is nothing to save, and that is said."""
    calling = await phone.dial(await phone.be_reachable())
    called = await phone.rings()
    await calling.hang_up()
    await called.until_closed()

    with pytest.raises(ValueError, match="never answered"):
        calling.save(tmp_path / "call.wav")
