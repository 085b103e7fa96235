"""Keys that are pressed before anybody can hear them."""

from __future__ import annotations

import asyncio

from livekit import rtc

from sip.bridge.room.key_queue import MOST, KeyQueue
from sip.bridge.room.participants import hears_keys
from tests.fakes.room import PaperRoom, Somebody
from tests.sip.bridge.person import until

AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT


class Ears:
    """The room's end: deaf until it is told otherwise."""

    def __init__(self, *, deaf: bool = True) -> None:
        self.deaf = deaf
        self.failing = 0
        self.asked = 0
        self.heard: list[str] = []

    async def __call__(self, digit: str) -> bool:
        self.asked += 1
        await asyncio.sleep(0)
        if self.failing:
            self.failing -= 1
            raise RuntimeError("the data channel is closed")
        if self.deaf:
            return False
        self.heard.append(digit)
        return True


async def test_keys_wait_for_the_agent_and_arrive_in_order() -> None:
    """Pressed while the room is being joined, or before there is anybody to hear them."""
    ears = Ears()
    queue = KeyQueue(ears)

    for digit in "1590#":
        queue.press(digit)
    await until(lambda: ears.asked > 1)
    ears.deaf = False
    queue.press("*")
    await until(lambda: len(ears.heard) == 6)

    assert "".join(ears.heard) == "1590#*"


async def test_a_key_that_could_not_be_sent_is_sent_again_before_the_next() -> None:
    ears = Ears(deaf=False)
    ears.failing = 2
    queue = KeyQueue(ears)

    queue.press("1")
    queue.press("2")
    await until(lambda: len(ears.heard) == 2)

    assert ears.heard == ["1", "2"]


async def test_a_key_nobody_heard_for_long_is_dropped() -> None:
    """By then it would answer another question."""
    ears = Ears()
    queue = KeyQueue(ears, kept=0.1)

    queue.press("1")
    await asyncio.sleep(0.3)
    ears.deaf = False
    queue.press("2")
    await until(lambda: ears.heard)
    await queue.aclose()

    assert ears.heard == ["2"]


async def test_of_very_many_keys_the_last_are_kept() -> None:
    ears = Ears()
    queue = KeyQueue(ears)

    for digit in "7" * MOST + "12":
        queue.press(digit)
    ears.deaf = False
    await until(lambda: len(ears.heard) == MOST)
    await queue.aclose()

    assert "".join(ears.heard) == "7" * (MOST - 2) + "12"


async def test_a_key_pressed_just_before_hanging_up_is_still_heard() -> None:
    ears = Ears(deaf=False)
    queue = KeyQueue(ears)

    queue.press("#")
    await queue.aclose()
    queue.press("1")
    await asyncio.sleep(0.1)

    assert ears.heard == ["#"]


async def test_hanging_up_does_not_wait_for_somebody_to_hear() -> None:
    ears = Ears()
    queue = KeyQueue(ears)
    queue.press("1")

    await queue.aclose()
    asked = ears.asked
    await asyncio.sleep(0.1)

    assert ears.asked == asked
    assert ears.heard == []


async def test_what_is_no_key_is_left_out() -> None:
    """Flash, and whatever a phone may write into an INFO."""
    ears = Ears(deaf=False)
    queue = KeyQueue(ears)

    for what in ("", "!", "X", "5"):
        queue.press(what)
    await until(lambda: ears.heard)

    assert ears.heard == ["5"]


def test_only_an_agent_that_speaks_hears_keys() -> None:
    """One that has just joined has not begun to listen. Without agents it is whoever is there, such
    as the other phone."""
    agent = Somebody("agent-1", kind=AGENT)
    phone = Somebody("callee")

    empty = hears_keys(PaperRoom("call-1"))  # type: ignore[arg-type]
    joined = hears_keys(PaperRoom("call-1", phone, agent))  # type: ignore[arg-type]
    agent.track_publications["TR_1"] = object()
    speaking = hears_keys(PaperRoom("call-1", phone, agent))  # type: ignore[arg-type]
    two_phones = hears_keys(PaperRoom("call-1", phone))  # type: ignore[arg-type]

    assert (empty, joined, speaking, two_phones) == (False, False, True, True)
