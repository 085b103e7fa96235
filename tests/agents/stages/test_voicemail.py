"""Messages: who is told about them, and music while a caller waits for somebody better."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from agents.plans import PinnedPlan
from agents.providers.voice import RATE
from agents.stages.music import ROUND_S, Music
from agents.stages.sound_files import samples
from agents.stages.voicemail_notify import Notice, NotToldError, mail, missing, tell
from tests.agents.calling import plan

NOTICE = Notice(
    call="call-1", mailbox="messages", caller="+447700900123", called="+442079460100",
    at="2026-11-24T10:00:00+00:00", seconds=7.0, text="Please call me back.",
    file="voicemail/m.wav",
)  # fmt: skip
SHORT_S = (0.01, 0.01)


@contextlib.asynccontextmanager
async def web_server(*answers: int) -> AsyncIterator[tuple[str, list[tuple[str, bytes]]]]:
    """Answers with these codes, one request each; what was asked: head and body."""
    asked: list[tuple[str, bytes]] = []
    codes = list(answers)
    lines: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.add(asyncio.current_task())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1])
            for line in head.splitlines()
            if line.lower().startswith("content-length")
        )
        asked.append((head, await reader.readexactly(length)))
        writer.write(f"HTTP/1.1 {codes.pop(0)} X\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", asked
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*filter(None, lines))


async def test_a_webhook_is_told_and_can_check_who_tells(tmp_path: Path) -> None:
    async with web_server(200) as (url, asked):
        environment = {"SWITCHBOARD_WEBHOOK_CRM": url, "SWITCHBOARD_WEBHOOK_CRM_SECRET": "s"}
        await tell("webhook:crm", NOTICE, tmp_path, environment)
    ((head, body),) = asked
    told = msgspec.json.decode(body)

    assert told["kind"] == "voice_message"
    assert (told["caller"], told["text"]) == (NOTICE.caller, NOTICE.text)
    assert hmac.new(b"s", body, hashlib.sha256).hexdigest() in head


async def test_a_webhook_that_fails_is_told_again(tmp_path: Path) -> None:
    async with web_server(500, 503, 204) as (url, asked):
        environment = {"SWITCHBOARD_WEBHOOK_CRM": url}
        await tell("webhook:crm", NOTICE, tmp_path, environment, pauses_s=SHORT_S)

        assert len(asked) == 3


async def test_after_three_times_nobody_was_told(tmp_path: Path) -> None:
    async with web_server(500, 500, 500) as (url, _):
        environment = {"SWITCHBOARD_WEBHOOK_CRM": url}
        with pytest.raises(NotToldError, match="500"):
            await tell("webhook:crm", NOTICE, tmp_path, environment, pauses_s=SHORT_S)


async def test_what_is_not_set_is_named(tmp_path: Path) -> None:
    """For the doctor before a call, for the record after one."""
    assert missing("webhook:my-crm", {}) == "SWITCHBOARD_WEBHOOK_MY_CRM is not set"
    assert missing("mailto:a@example.com", {}) == "SWITCHBOARD_SMTP_URL is not set"
    with pytest.raises(NotToldError, match="SWITCHBOARD_WEBHOOK_CRM"):
        await tell("webhook:crm", NOTICE, tmp_path, {})


async def test_a_mail_is_sent_with_the_message_in_it(tmp_path: Path) -> None:
    """To a server that speaks SMTP; the sound is attached."""
    (tmp_path / "voicemail").mkdir()
    (tmp_path / NOTICE.file).write_bytes(b"RIFFsound")
    received: list[str] = []
    lines: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.add(asyncio.current_task())
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode():
            received.append(line.strip())
            if line.upper().startswith("DATA"):
                writer.write(b"354 go on\r\n")
                while (text := (await reader.readline()).decode()) != ".\r\n":
                    received.append(text.rstrip())
            writer.write(b"221 bye\r\n" if line.upper().startswith("QUIT") else b"250 ok\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await tell("mailto:office@example.com", NOTICE, tmp_path, {"SWITCHBOARD_SMTP_URL": url})
    server.close()
    await server.wait_closed()
    await asyncio.gather(*filter(None, lines))
    attached = list(mail("a@example.com", NOTICE, tmp_path, {}).iter_attachments())

    assert any("office@example.com" in line for line in received if line.upper().startswith("RCPT"))
    assert "Please call me back." in received
    assert attached[0].get_content() == b"RIFFsound"


async def played(music: Music) -> bytes:
    return b"".join([bytes(frame.data) async for frame in music.next_round()])


async def test_music_of_the_plan_is_played_round(tmp_path: Path) -> None:
    """Piece by piece, so that announcements come at their time; after the end it begins again."""
    t = np.arange(int(8000 * (ROUND_S + 3))) / 8000
    soundfile.write(tmp_path / "hold.wav", np.sin(2 * np.pi * 440 * t) * 0.3, 8000)
    made = plan()
    pinned = PinnedPlan(made.plan, made.revision, made.files, tmp_path)
    pcm = samples(pinned, "hold.wav")
    assert pcm is not None
    music = Music(pcm)
    first, rest, again = [await played(music) for _ in range(3)]

    assert len(first) == int(ROUND_S * RATE) * 2
    assert first + rest == pcm
    assert again == first


async def test_without_music_there_is_a_melody_of_our_own() -> None:
    sound = np.frombuffer(await played(Music(None)), np.int16)

    assert len(sound) == ROUND_S * RATE
    assert np.abs(sound).max() > 1000


def test_music_that_cannot_be_read_costs_no_call(tmp_path: Path) -> None:
    """The melody is played instead."""
    made = plan()
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    pinned = PinnedPlan(made.plan, made.revision, made.files, tmp_path)

    assert samples(pinned, "broken.wav") is None
    assert samples(pinned, "missing.wav") is None
