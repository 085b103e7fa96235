"""Revisions live in Redis; a file that is edited becomes one, and a broken file never does."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
import redis
from redis.asyncio import Redis

from dialplans.analysis.walk import instant
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.route import route
from dialplans.language.load import load, load_text
from dialplans.revisions.store import CURRENT, InvalidPlanError, PlanStore, UnknownRevisionError
from dialplans.revisions.watch import take_in, watch
from dialplans.telephony.call import CallContext
from tests.programs import program

PLAN = """
version: 1
timezone: Europe/Berlin
hours: {office: {mon-fri: "08:00-18:00"}}
trunks: {local: {allow: ["127.0.0.1/32"]}}
numbers: {"+493023125100": {trunk: local, route: main}}
routes:
  main:
    - {when: {hours: office, is: closed}, do: {voicemail: box}}
    - {do: {persona: anna}}
personas: {anna: {prompt: anna.md, to_human: {voicemail: box}}}
voicemail: {box: {max: 60s}}
"""
LATER = PLAN.replace("18:00", "17:00")
BROKEN = PLAN.replace("persona: anna", "persona: ana")
CALL = CallContext("+493023125100", "+491701234567")
AT_HALF_PAST_FIVE = "2026-11-23 17:30"


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A redis-server of our own, on a free port, without a disk."""
    path = program("redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = [path, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with redis.Redis(port=port) as client:
        for _ in range(400):
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.025)
    yield port
    server.terminate()
    server.wait(10)


@pytest.fixture
async def client(redis_port: int) -> AsyncIterator[Redis]:
    connection = Redis(port=redis_port)
    await connection.flushall()
    yield connection
    await connection.aclose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.yaml").write_text(PLAN)
    (tmp_path / "anna.md").write_text("You answer the telephone.\n")
    return tmp_path


async def test_a_plan_comes_back_without_its_files(client: Redis, folder: Path) -> None:
    """Includes and prompts are in the bundle: another process, without the folder, builds the same
    plan under the same revision."""
    (folder / "more").mkdir()
    (folder / "more/lists.yaml").write_text('lists: {vip: ["+4989123456"]}\n')
    (folder / "main.yaml").write_text("include: more/lists.yaml\n" + PLAN)
    loaded = load(folder / "main.yaml")
    revision = await PlanStore(client).put(loaded, "ann")
    shutil.rmtree(folder)

    found = await PlanStore(client).current()

    assert found is not None
    assert found.plan == loaded.plan
    assert (revision, loaded.files) == (found.revision, found.files)


async def test_a_decision_carries_the_revision_it_was_made_by(client: Redis, folder: Path) -> None:
    revision = await PlanStore(client).put(load(folder / "main.yaml"), "ann")
    found = await PlanStore(client).get(revision)
    assert found is not None
    assert found.plan is not None

    decision = route(
        CompiledPlan(found.plan, found.revision), CALL, instant(found.plan, AT_HALF_PAST_FIVE)
    )

    assert revision == decision.revision


async def test_history_keeps_author_and_what_changed(client: Redis, folder: Path) -> None:
    store = PlanStore(client)
    first = await store.put(load(folder / "main.yaml"), "ann")
    (folder / "main.yaml").write_text(LATER)
    (folder / "anna.md").write_text("You answer the telephone, kindly.\n")
    second = await store.put(load(folder / "main.yaml"), "bob")

    newest, oldest = await store.history()

    assert (second, "bob", first) == (newest.revision, newest.author, newest.before)
    assert (first, "ann", "") == (oldest.revision, oldest.author, oldest.before)
    assert newest.at >= oldest.at
    expected = [
        "hours office mon,tue,wed,thu,fri: 08:00-18:00 → 08:00-17:00",
        "anna.md: text changed",
    ]
    assert expected == newest.changes


async def test_the_same_meaning_is_no_new_revision(client: Redis, folder: Path) -> None:
    store = PlanStore(client)
    await store.put(load(folder / "main.yaml"), "ann")
    (folder / "main.yaml").write_text("# a comment\n" + PLAN)

    await store.put(load(folder / "main.yaml"), "ann")

    assert len(await store.history()) == 1


async def test_a_plan_with_errors_is_not_put(client: Redis) -> None:
    store = PlanStore(client)

    with pytest.raises(InvalidPlanError, match="ana"):
        await store.put(load_text(BROKEN, others={"anna.md": "x"}), "ann")

    assert await store.revision() is None


async def test_a_rollback_needs_only_the_beginning_of_a_name(client: Redis, folder: Path) -> None:
    store = PlanStore(client)
    first = await store.put(load(folder / "main.yaml"), "ann")
    (folder / "main.yaml").write_text(LATER)
    await store.put(load(folder / "main.yaml"), "ann")

    assert first == await store.rollback(first[:6], "bob")
    assert first == await store.revision()
    newest = (await store.history())[0]
    assert newest.rollback
    assert newest.author == "bob"
    with pytest.raises(UnknownRevisionError):
        await store.rollback("", "bob")
    with pytest.raises(UnknownRevisionError):
        await store.rollback("zzzz", "bob")


async def test_two_gateways_that_see_one_edit_make_one_entry(client: Redis, folder: Path) -> None:
    loaded = load(folder / "main.yaml")

    await asyncio.gather(*(PlanStore(client).put(loaded, "ann") for _ in range(8)))

    assert len(await PlanStore(client).history()) == 1


@asynccontextmanager
async def watched(store: PlanStore, path: Path) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(watch(store, path, stop))
    await until(lambda: store.seen_in_file())
    yield
    stop.set()
    await asyncio.wait_for(task, 20)


async def until(ask: Callable[[], object]) -> object:
    """Asks again until there is an answer; the test's own time limit ends it otherwise."""
    while True:
        answer = ask()
        answer = await answer if asyncio.iscoroutine(answer) else answer
        if answer:
            return answer
        await asyncio.sleep(0.02)


async def saved(store: PlanStore, path: Path, text: str, ask: Callable[[], object]) -> object:
    """Writes the file and again a little later: the watcher may not yet look when we first do."""
    for _ in range(20):
        await asyncio.to_thread(path.write_text, text)
        try:
            return await asyncio.wait_for(until(ask), 2)
        except TimeoutError:
            text += "\n"
    raise AssertionError("the watcher never saw the edit")


async def test_an_edit_is_for_new_calls_and_leaves_running_ones_alone(
    client: Redis, folder: Path
) -> None:
    """A call holds the plan it began with; the next one is decided by the edited file."""
    store = PlanStore(client)
    async with watched(store, folder / "main.yaml"):
        began_with = await store.current()
        assert began_with is not None

        async def changed() -> bool:
            return await store.revision() != began_with.revision

        await saved(store, folder / "main.yaml", LATER, changed)
        begins_with = await store.current()

    assert began_with.plan is not None
    assert begins_with is not None
    assert begins_with.plan is not None
    now = instant(begins_with.plan, AT_HALF_PAST_FIVE)
    assert str(route(CompiledPlan(began_with.plan), CALL, now).action) == "persona anna"
    assert str(route(CompiledPlan(begins_with.plan), CALL, now).action) == "voicemail box"


async def test_a_broken_edit_is_refused_and_shown_until_it_is_mended(
    client: Redis, folder: Path
) -> None:
    store = PlanStore(client)
    async with watched(store, folder / "main.yaml"):
        good = await store.revision()

        await saved(store, folder / "main.yaml", BROKEN, store.problems)
        refused = await store.problems()
        during = await store.revision()

        async def mended() -> bool:
            return await store.problems() is None

        await saved(store, folder / "main.yaml", PLAN, mended)

    assert good == during == await store.revision()
    assert refused is not None
    assert any("ana" in p["message"] for p in refused.problems)


async def test_an_edited_prompt_is_a_new_revision(client: Redis, folder: Path) -> None:
    store = PlanStore(client)
    async with watched(store, folder / "main.yaml"):
        before = await store.revision()

        async def changed() -> bool:
            return await store.revision() != before

        await saved(store, folder / "anna.md", "You answer kindly.\n", changed)
        found = await store.current()

    assert found is not None
    assert "kindly" in found.files["anna.md"]


async def test_an_edit_that_was_read_and_not_stored_is_not_lost(
    client: Redis, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two, or without Redis: the next start finds the edit."""
    store = PlanStore(client)
    await take_in(store, load(folder / "main.yaml"), "ann", at_start=True)
    (folder / "main.yaml").write_text(LATER)
    edited = load(folder / "main.yaml")
    with monkeypatch.context() as killed:
        killed.setattr(PlanStore, "put", AsyncMock(side_effect=asyncio.CancelledError))
        with pytest.raises(asyncio.CancelledError):
            await take_in(store, edited, "ann", at_start=False)

    after_restart = await take_in(store, edited, "ann", at_start=True)

    assert after_restart
    assert await store.revision() == edited.revision


async def test_a_restart_does_not_undo_a_rollback(client: Redis, folder: Path) -> None:
    """The file still holds the plan that was rolled back; only an edit brings it forward."""
    store = PlanStore(client)
    first = load(folder / "main.yaml")
    await take_in(store, first, "ann", at_start=True)
    (folder / "main.yaml").write_text(LATER)
    second = load(folder / "main.yaml")
    await take_in(store, second, "ann", at_start=False)
    await store.rollback(first.revision, "bob")

    after_restart = await take_in(store, second, "ann", at_start=True)
    after_edit = await take_in(store, second, "ann", at_start=False)

    assert (after_restart, after_edit) == (False, True)
    assert second.revision == await store.revision()


async def test_without_a_current_plan_the_file_is_put_in_again(client: Redis, folder: Path) -> None:
    store = PlanStore(client)
    loaded = load(folder / "main.yaml")
    await take_in(store, loaded, "ann", at_start=True)
    await store.note_written(loaded.revision, 7)
    await client.delete(CURRENT)

    assert await take_in(store, loaded, "ann", at_start=True, saved_ns=7)
