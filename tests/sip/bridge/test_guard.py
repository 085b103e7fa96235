"""The flood guard: rates an address, pure, with the clock in the test's hand."""

from __future__ import annotations

from sip.bridge.ua.guard import MAX_SOURCES, Guard, Judgement, Rate

PASS, REFUSE, DROP = Judgement.PASS, Judgement.REFUSE, Judgement.DROP


def guard() -> Guard:
    return Guard(calls=Rate(2, 4), messages=Rate(100, 100), refusals=Rate(1, 2))


def test_a_burst_passes_then_some_are_told_then_silence() -> None:
    judged = [guarded.call("192.0.2.1", 0.0) for guarded in [guard()] for _ in range(8)]

    assert judged == [PASS] * 4 + [REFUSE] * 2 + [DROP] * 2


def test_tokens_come_back_with_time() -> None:
    guarded = guard()
    for _ in range(8):
        guarded.call("192.0.2.1", 0.0)

    assert [guarded.call("192.0.2.1", 1.0) for _ in range(3)] == [PASS, PASS, REFUSE]


def test_one_address_does_not_spend_anothers() -> None:
    guarded = guard()
    for _ in range(8):
        guarded.call("192.0.2.1", 0.0)

    assert guarded.call("192.0.2.2", 0.0) is PASS


def test_messages_have_a_rate_of_their_own() -> None:
    guarded = guard()
    read = [guarded.message("192.0.2.1", 0.0) for _ in range(101)]

    assert read == [True] * 100 + [False]


def test_a_flood_is_reported_now_and_then() -> None:
    guarded = guard()

    reported = [guarded.worth_reporting("192.0.2.1", at) for at in (0.0, 1.0, 9.9, 10.0, 11.0)]

    assert reported == [True, False, False, True, False]


def test_forged_addresses_do_not_fill_the_memory() -> None:
    guarded = guard()
    for index in range(MAX_SOURCES + 100):
        guarded.call(f"source-{index}", 0.0)

    assert len(guarded._sources) == MAX_SOURCES
