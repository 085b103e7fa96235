"""`switchboard calls`: events as sentences, from the real stream."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any, get_args

from redis.asyncio import Redis

from dialplans.contracts import events
from gateway.cli.transcript import describe, line

CALL = "call-_+442079460100_Ab12cd"
AT = datetime(2026, 11, 23, 10, 0, 5, tzinfo=UTC)


def examples() -> list[events.Event]:
    who: dict[str, Any] = {"call": CALL, "source": "test", "at": AT}
    return [
        events.Started(**who, called="+442079460100", caller="+447700900123"),
        events.Answered(**who, setup_ms=412.4),
        events.Routed(**who, decision_kind="persona", decision_name="reception"),
        events.Persona(**who, name="reception"),
        events.Said(**who, speaker="reception", text="Hello."),
        events.Heard(**who, text="My bill", final=False),
        events.Tool(**who, name="balance", result="42 pounds"),
        events.Dtmf(**who, digit="1"),
        events.HandedOver(**who, frm="reception", to="persona billing", reason="a bill"),
        events.PersonWanted(**who, queue="support"),
        events.Turn(**who, gap_ms=500),
        events.Supervised(**who, who="ann", mode="listen"),
        events.Problem(**who, what="model_error", detail="timeout"),
        events.Resumed(**who, epoch=1, after_ms=900),
        events.Noted(**who, who="ann", note="called back"),
        events.Held(**who, who="ann"),
        events.HelpWanted(**who, who="ann"),
        events.Offered(**who, to="ann"),
        events.VoiceMessage(**who, mailbox="messages", file="m.wav", seconds=7.0),
        events.Recorded(**who, file="recordings/c.ogg", seconds=63.0, until="2026-12-24"),
        events.Signalled(**who, dialogue="one@phone"),
        events.Refused(**who, code=404, reason="no_such_number", called="+1", caller="+2"),
        events.Ended(**who, cause="caller_hung_up", figures={"talk_s": 63.2}),
    ]


def test_every_kind_of_event_is_a_sentence_or_is_left_out_on_purpose() -> None:
    """A kind added to the schema has to be thought of here."""
    told = {type(event): describe(event) for event in examples()}

    assert set(told) == set(get_args(events.Event))
    assert [kind.__name__ for kind, text in told.items() if text is None] == ["Turn", "Signalled"]


def test_a_line_says_when_which_call_and_what() -> None:
    said = next(e for e in examples() if isinstance(e, events.Said))

    assert line(said, UTC) == "10:00:05 +442079460100_Ab12cd        reception: Hello."


async def test_a_follower_sees_what_was_and_what_comes(redis_url: str) -> None:
    """The last events first, then each as it happens; what is not final yet is for terminals."""
    async with Redis.from_url(redis_url) as redis:
        journal = events.Journal(redis)
        for event in examples()[:4]:
            await journal.append(event)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "gateway.cli", "calls", "--follow"),
            env={**os.environ, "SWITCHBOARD_REDIS_URL": redis_url},
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        async with asyncio.timeout(30):
            before = [await process.stdout.readline() for _ in range(4)]
            for event in examples()[4:7]:
                await journal.append(event)
            after = [await process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            await process.wait()

    assert b"+447700900123" in before[0]
    assert after[0].rstrip().endswith(b"reception: Hello.")
    assert after[1].rstrip().endswith(b"[balance] 42 pounds")
