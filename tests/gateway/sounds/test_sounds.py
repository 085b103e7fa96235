"""What was kept of the sound of calls: who hears it, how it is sent, and that nothing else is."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.contracts import events as ev
from gateway.sounds.ranges import UnsatisfiableError, part
from gateway.sounds.sound_files import SoundFiles
from gateway.storage.audit import AuditFilter
from tests.gateway.running import Gateway, started

CALL = "call-442079460100-sound"
SOUND = bytes(range(256)) * 600
RECORDING = f"/api/calls/{CALL}/recordings/rec"
MESSAGE = f"/api/calls/{CALL}/messages/msg"


def recorded(file: str, name: str = "rec") -> ev.Recorded:
    return ev.Recorded(
        call=CALL, source="agents", id=name, file=file, seconds=9.6, until="2027-02-21"
    )


@pytest.fixture
async def kept(gateway: Gateway) -> Gateway:
    """A gateway that knows a call with a recording and a message, both on the disk."""
    recording, message = "recordings/until-2027-02-21/a.ogg", "voicemail/night/b.wav"
    for name in (recording, message):
        file = gateway.container.settings.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(SOUND)
    whole = recorded(recording)
    left = ev.VoiceMessage(
        call=CALL,
        source="agents",
        id="msg",
        mailbox="night",
        file=message,
        seconds=4,
        text="Ring me on 0170 1234567",
    )
    await gateway.happen(started(CALL), whole, left)
    return gateway


HEARS = {
    "viewer": (403, 403),
    "agent": (403, 200),
    "operator": (403, 403),
    "supervisor": (200, 200),
    "admin": (200, 200),
}
"""role → what asking for the recording and for the message comes to."""


async def test_who_may_hear_what(kept: Gateway) -> None:
    """A message was left for those who work here; a whole call is for supervisors."""
    clients = {role: await kept.signed_in(role) for role in HEARS}

    answers = {
        role: [await client.get(path) for path in (RECORDING, MESSAGE)]
        for role, client in clients.items()
    }

    assert {role: tuple(a.status_code for a in both) for role, both in answers.items()} == HEARS
    heard = [a.content for both in answers.values() for a in both if a.status_code == 200]
    assert heard == [SOUND] * 5


async def test_the_record_says_what_can_be_heard(kept: Gateway) -> None:
    """With the mailbox, the length and until when; digits in words are masked like all others."""
    supervisor, viewer = [await kept.signed_in(role) for role in ("supervisor", "viewer")]

    sounds = (await supervisor.get(f"/api/calls/{CALL}")).json()["sounds"]
    masked = (await viewer.get(f"/api/calls/{CALL}")).json()["sounds"]

    assert [(s["id"], s["kind"], s["there"]) for s in sounds] == [
        ("rec", "recording", True),
        ("msg", "message", True),
    ]
    assert (sounds[0]["seconds"], sounds[0]["until"]) == (9.6, "2027-02-21")
    assert (sounds[1]["mailbox"], sounds[1]["text"]) == ("night", "Ring me on 0170 1234567")
    assert "1234567" not in masked[1]["text"]


async def test_each_hearing_is_in_the_trail_once(kept: Gateway) -> None:
    """However many parts a player asks for, and wherever it begins; and in the call's record."""
    client = await kept.signed_in("supervisor", name="sue")
    other = await kept.signed_in("admin", name="ada")

    for asked in ("bytes=1000-", "bytes=0-99", "bytes=-500"):
        assert (await client.get(RECORDING, headers={"range": asked})).status_code == 206
    await client.get(MESSAGE)
    await other.get(RECORDING)
    rows = await kept.container.audit.find(AuditFilter(action="hear"))
    listened = (await client.get(f"/api/calls/{CALL}")).json()["listened"]

    heard = [(row.who, row.call, row.detail["sound"]) for row in reversed(rows)]
    assert heard == [
        ("sue", CALL, "recording"),
        ("sue", CALL, "message"),
        ("ada", CALL, "recording"),
    ]
    assert [(one["who"], one["action"]) for one in listened] == [
        ("sue", "hear"),
        ("sue", "hear"),
        ("ada", "hear"),
    ]


async def test_nothing_is_written_down_for_who_hears_nothing(kept: Gateway) -> None:
    """A refusal and a sound that is gone are no hearing."""
    agent, supervisor = [await kept.signed_in(role) for role in ("agent", "supervisor")]
    for file in (kept.container.settings.home / "recordings").rglob("*.ogg"):
        file.unlink()

    refused, gone = await agent.get(RECORDING), await supervisor.get(RECORDING)
    sounds = (await supervisor.get(f"/api/calls/{CALL}")).json()["sounds"]

    assert (refused.status_code, gone.status_code) == (403, 404)
    assert await kept.container.audit.find(AuditFilter(action="hear")) == []
    assert [s["there"] for s in sounds] == [False, True]


def got(answer: httpx.Response) -> tuple[int, bytes, str | None]:
    return answer.status_code, answer.content, answer.headers.get("content-range")


async def test_a_player_gets_the_part_it_asks_for(kept: Gateway) -> None:
    """And the whole of it, with a length, where the wish is none (RFC 9110 §14)."""
    client = await kept.signed_in("supervisor")
    size = len(SOUND)

    async def ask(**headers: str) -> tuple[int, bytes, str | None]:
        wanted = {name.replace("_", "-"): value for name, value in headers.items()}
        return got(await client.get(RECORDING, headers=wanted))

    whole = await client.get(RECORDING)
    tag = whole.headers["etag"]
    assert got(whole) == (200, SOUND, None)
    assert whole.headers["content-length"] == str(size)
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == "audio/ogg"
    assert await ask(range="bytes=10-19") == (206, SOUND[10:20], f"bytes 10-19/{size}")
    assert await ask(range="bytes=-7", if_range=tag) == (
        206,
        SOUND[-7:],
        f"bytes {size - 7}-{size - 1}/{size}",
    )
    assert await ask(range="bytes=70000-", if_range='"another"') == (200, SOUND, None)
    assert await ask(range="bytes=70000-") == (206, SOUND[70000:], f"bytes 70000-{size - 1}/{size}")
    status, _, behind = await ask(range=f"bytes={size}-")
    assert (status, behind) == (416, f"bytes */{size}")


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 250))
def test_a_part_is_inside_the_file(first: int, last: int, size: int) -> None:
    """For every wish: what is sent is what was asked for, as far as there is so much."""
    try:
        found = part(f"bytes={first}-{last}", size)
    except UnsatisfiableError:
        assert first >= size
        return

    expected = None if last < first else range(first, min(last + 1, size))
    assert found == expected


@pytest.mark.parametrize(
    "odd", ["", "bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,5-6", "items=0-1"]
)
def test_a_wish_that_is_no_part_gets_everything(odd: str) -> None:
    """Several parts too: nobody has to be given them."""
    assert part(odd, 100) is None


@pytest.mark.parametrize("of", ["bytes=100-", "bytes=-0"])
def test_a_part_behind_the_end_is_refused(of: str) -> None:
    """So that a player knows how long the sound is."""
    with pytest.raises(UnsatisfiableError):
        part(of, 100)


ELSEWHERE = [
    "../secret.ogg",
    "recordings/../../secret.ogg",
    "recordings/../voicemail/box/b.wav",
    "/etc/passwd",
    "keys.ogg",
    "recordings/link.ogg",
    "recordings/notes.txt",
    "recordings/nul\0.ogg",
    "recordings/" + "a" * 5000 + ".ogg",
    "recordings",
]


async def test_an_event_opens_nothing_outside_the_folder_of_sounds(
    gateway: Gateway, tmp_path: Path
) -> None:
    """Whoever can write events, or a link, still reads no other file of this machine, and deletes
    none: that a call is forgotten deletes its sounds."""
    home = gateway.container.settings.home
    secret = home.parent / f"{tmp_path.name}-secret.ogg"
    others = [home / "keys.ogg", home / "recordings" / "notes.txt", home / "voicemail/box/b.wav"]
    for file in (secret, *others):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"secret")
    (home / "recordings" / "link.ogg").symlink_to(secret)
    names = [name.replace("secret.ogg", secret.name) for name in ELSEWHERE]
    events = [recorded(name, f"rec{number}") for number, name in enumerate(names)]
    await gateway.happen(started(CALL), *events)
    client = await gateway.signed_in("supervisor")

    answers = [await client.get(f"/api/calls/{CALL}/recordings/{e.id}") for e in events]
    gone = SoundFiles(home).delete(events)

    assert [a.status_code for a in answers] == [404] * len(ELSEWHERE)
    assert not any(b"secret" in a.content for a in answers)
    assert gone == 0
    assert all(file.exists() for file in (secret, *others))


NOWHERE = [
    f"/api/calls/{CALL}/recordings/msg",
    f"/api/calls/{CALL}/messages/rec",
    f"/api/calls/{CALL}/recordings/none",
    "/api/calls/call-other/recordings/rec",
    f"/api/calls/{CALL}/recordings/..%2f..%2fswitchboard.db",
]


async def test_a_sound_is_found_in_its_call_and_by_its_kind_alone(kept: Gateway) -> None:
    """The right to hear messages opens no recording."""
    client = await kept.signed_in("admin")

    assert [(await client.get(path)).status_code for path in NOWHERE] == [404] * len(NOWHERE)
