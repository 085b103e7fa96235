"""What consoles see while it happens."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from dialplans.contracts import events as ev
from gateway.live import feed as feed_module
from gateway.live.listener import Listener
from gateway.live.pubsub import CHANNEL
from tests.gateway.running import Gateway, running_gateway, settings_for, started, until
from tests.gateway.sse import listening

CALL = "call-442079460100-aa"


async def test_a_console_gets_a_snapshot_and_then_every_change(gateway: Gateway) -> None:
    """Rows come whole and with a number; the call that ends comes once more as ended."""
    await gateway.happen(started("call-before"))
    client = await gateway.signed_in("supervisor")
    async with listening(client) as source:
        snapshot = await source.until("snapshot")
        await gateway.happen(started(CALL), ev.Persona(call=CALL, source="agents", name="billing"))
        row = await source.until("call", lambda d: d["persona"] == "billing")
        await gateway.happen(ev.Ended(call=CALL, source="agents", cause="caller_hung_up"))
        over = await source.until("call", lambda d: d["state"] == "ended")

    assert [c["id"] for c in snapshot.data["calls"]] == ["call-before"]
    assert row.id == row.data["seq"]
    assert over.data["seq"] > row.data["seq"]


async def test_a_console_that_comes_back_gets_what_it_missed(gateway: Gateway) -> None:
    """With Last-Event-ID the table says what changed since; nothing is sent twice or left out."""
    client = await gateway.signed_in("supervisor")
    await gateway.happen(started("call-1"), started("call-2"))
    async with listening(client) as source:
        await source.until("snapshot")
        last = source.last_id
    await gateway.happen(ev.Answered(call="call-2", source="bridge"), started("call-3"))

    async with listening(client, last=last) as source:
        await source.until("tiles")
    changed = {f.data["id"] for f in source.seen if f.event == "call"}

    assert changed == {"call-2", "call-3"}
    assert not [f for f in source.seen if f.event == "snapshot"]


async def test_a_number_from_another_time_gets_a_snapshot(gateway: Gateway) -> None:
    """After a new database, or with a number that never was, the console starts afresh."""
    client = await gateway.signed_in("supervisor")

    async with listening(client, last=999_999) as source:
        found = await source.until("snapshot")

    assert found.data["calls"] == []


async def test_words_are_shown_while_they_are_spoken_and_not_kept(gateway: Gateway) -> None:
    """Interim words reach the console and the call's own stream, and no table."""
    client = await gateway.signed_in("supervisor")
    await gateway.happen(started(CALL))
    async with listening(client) as rows, listening(client, f"/api/calls/{CALL}/events") as one:
        await rows.until("snapshot")
        await one.until("entry")
        await gateway.container.journal.append(
            ev.Heard(call=CALL, source="agents", text="where is my", final=False)
        )
        words = await rows.until("words")
        partial = await one.until("partial")
        await gateway.happen(ev.Heard(call=CALL, source="agents", text="where is my invoice"))
        final = await one.until("entry", lambda d: d["event"]["kind"] == "heard")

    assert words.data["text"] == "where is my"
    assert (partial.id, partial.data["event"]["text"]) == (None, "where is my")
    assert final.data["event"]["text"] == "where is my invoice"
    assert len(await gateway.container.records.entries(CALL)) == 2


async def test_one_calls_stream_tells_it_from_the_beginning_to_the_end(gateway: Gateway) -> None:
    """Also of a call that is over: everything, then the end."""
    client = await gateway.signed_in("supervisor")
    await gateway.happen(
        started(CALL),
        ev.Said(call=CALL, source="agents", speaker="reception", text="Hello"),
        ev.Ended(call=CALL, source="agents", cause="caller_hung_up"),
    )

    async with listening(client, f"/api/calls/{CALL}/events") as source:
        await source.until("end")
    kinds = [f.data["event"]["kind"] for f in source.seen if f.event == "entry"]

    assert kinds == ["started", "said", "ended"]


async def test_a_viewers_stream_is_masked(gateway: Gateway) -> None:
    """In the snapshot, in the rows, in words, and in the stream of one call."""
    viewer = await gateway.signed_in("viewer")
    await gateway.happen(started("call-0", caller="+491701234567"))
    async with (
        listening(viewer) as rows,
        listening(viewer, "/api/calls/call-0/events") as one,
    ):
        await rows.until("snapshot")
        await gateway.happen(
            ev.Heard(call="call-0", source="agents", text="it is 0170 1234567"),
            started(CALL, caller="+491701234567"),
        )
        await rows.until("call", lambda d: d["id"] == CALL)
        await one.until("entry", lambda d: d["event"]["kind"] == "heard")
    everything = str([*rows.seen, *one.seen])

    assert "1234567" not in everything
    assert "•••" in everything


async def test_two_gateways_show_the_same_picture(tmp_path: Path, redis_url: str) -> None:
    """Whichever of them stored an event, both consoles see it, and in the same order."""
    settings = settings_for(tmp_path, redis_url)
    async with running_gateway(settings) as one, running_gateway(settings) as two:
        left = await one.signed_in("supervisor", name="sue")
        right = await two.signed_in("supervisor", name="tom")
        async with listening(left) as a, listening(right) as b:
            await a.until("snapshot")
            await b.until("snapshot")
            for number in range(40):
                await one.container.journal.append(started(f"call-{number}"))
            await one.happen(started("call-last"))
            await a.until("call", lambda d: d["id"] == "call-last")
            await b.until("call", lambda d: d["id"] == "call-last")
        await until(lambda: _same(one, two))
        live = one.container.feed.live_state.live

    assert len(live) == 41
    assert [f.id for f in a.seen if f.event == "call"] == sorted(
        f.id for f in b.seen if f.event == "call" and f.id is not None
    )


async def _same(one: Gateway, two: Gateway) -> bool:
    return one.container.feed.live_state.live == two.container.feed.live_state.live


async def test_a_message_that_got_lost_between_gateways_is_made_up_for(gateway: Gateway) -> None:
    """A gateway that dies between storing and telling leaves no hole in anybody's picture."""
    client = await gateway.signed_in("supervisor")
    async with listening(client) as source:
        await source.until("snapshot")
        await gateway.container.records.append([started("call-untold")])
        await gateway.happen(started("call-told"))
        await source.until("call", lambda d: d["id"] == "call-untold")

    assert gateway.container.feed.live_state.head == await gateway.container.records.head()


async def test_what_makes_no_sense_on_the_wire_stops_nothing(gateway: Gateway) -> None:
    """Rubbish on the channel or in the stream is set aside; the next event arrives."""
    client = await gateway.signed_in("supervisor")
    async with listening(client) as source:
        await source.until("snapshot")
        await gateway.container.redis.publish(CHANNEL, b"rubbish")
        await gateway.container.redis.xadd(ev.STREAM, {"event": b"\xff{"})
        await gateway.happen(started(CALL))
        await source.until("call")

    assert await gateway.container.redis.llen("switchboard:events:rejected") == 1


async def test_a_slow_reader_starts_again_and_slows_nobody() -> None:
    """Its queue is bounded; it is told to take a new snapshot instead of a hole."""
    slow, quick = Listener("slow", masked=False), Listener("quick", masked=False)
    got = b""
    for number in range(500):
        chunk = b"%d\n" % number
        for listener in (slow, quick):
            listener.push(chunk)
        got += await quick.take(1)

    assert got.count(b"\n") == 500
    assert slow.lagged
    assert await slow.take(1) == b""
    slow.caught_up()
    slow.push(b"next")
    assert await slow.take(1) == b"next"


async def test_changes_of_one_moment_leave_together(gateway: Gateway) -> None:
    """A hundred changes of one call within 20 ms are one row on the wire."""
    feed = gateway.container.feed
    listener = feed.open("sue", masked=False)
    await gateway.happen(started(CALL))
    await asyncio.sleep(feed_module.COALESCE_S * 5)
    await listener.take(1)
    batch = await gateway.container.records.append(
        [ev.Dtmf(call=CALL, source="agents", digit=str(n % 10)) for n in range(100)]
    )
    before = feed.live_state.head
    await feed._committed(msgspec.structs.replace(batch, before=before))
    await asyncio.sleep(feed_module.COALESCE_S * 5)

    chunk = await listener.take(1)

    assert chunk.count(b"event: call") == 1
