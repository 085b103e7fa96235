"""The dialplan in the console: nothing goes in force that is not whole and right."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copy, copytree

import httpx
import pytest

from dialplans.language.load import load
from dialplans.revisions.watch import saved_at, take_in
from gateway.settings import Settings
from tests.gateway.running import Gateway, running_gateway, settings_for, started
from tests.stack.servers import LiveKit

PLAN = Path("dialplans/main.yaml")


@pytest.fixture
def settings(tmp_path: Path, redis_url: str, room_livekit: LiveKit) -> Settings:
    plan = tmp_path / "plan"
    copytree(PLAN.parent / "prompts", plan / "prompts")
    copy(PLAN, plan / "main.yaml")
    return settings_for(
        tmp_path,
        redis_url,
        livekit_url=room_livekit.url,
        livekit_api_key=room_livekit.key,
        livekit_api_secret=room_livekit.secret,
    )


@pytest.fixture
async def routing(settings: Settings) -> AsyncIterator[Gateway]:
    async with running_gateway(settings) as gateway:
        gateway.container.deployment.followed_within_s = 0.1  # nobody follows in this test
        yield gateway


async def files(client: httpx.AsyncClient) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (await client.get("/api/routing")).json()["files"]
    return found


def changed(files: list[dict[str, str]], old: str, new: str) -> list[dict[str, str]]:
    assert old in files[0]["text"]
    return [{**files[0], "text": files[0]["text"].replace(old, new)}, *files[1:]]


async def test_a_broken_draft_shows_its_problems_at_their_places(routing: Gateway) -> None:
    """Check answers with line and column; apply refuses the same draft and changes nothing."""
    client = await routing.signed_in("operator")
    broken = changed(await files(client), "{persona: billing}", "{persona: bililng}")

    checked = (await client.post("/api/routing/check", json={"files": broken})).json()
    applied = await client.post("/api/routing/apply", json={"files": broken, "base": None})

    assert checked["ok"] is False
    problem = checked["problems"][0]
    assert "bililng" in problem["message"]
    assert problem["line"] > 1
    assert problem["column"] > 1
    assert applied.status_code == 422
    assert applied.json()["problems"]
    assert (await client.get("/api/routing")).json()["revision"] is None


async def test_a_plan_is_applied_noticed_and_rolled_back(
    routing: Gateway, settings: Settings
) -> None:
    """Apply writes the file, makes a revision and provisions LiveKit; a stale base is refused;
    a rollback brings the earlier revision back; all of it is audited."""
    client = await routing.signed_in("operator")
    original = await files(client)
    one = (await client.post("/api/routing/apply", json={"files": original, "base": None})).json()
    edited = changed(original, 'sat: "09:00-13:00"', 'sat: "09:00-12:00"')

    stale = await client.post("/api/routing/apply", json={"files": edited, "base": "other"})
    two = (
        await client.post("/api/routing/apply", json={"files": edited, "base": one["revision"]})
    ).json()
    after = (await client.get("/api/routing")).json()
    back = (await client.post("/api/routing/rollback", json={"revision": one["revision"]})).json()
    history = (await client.get("/api/routing/history")).json()["items"]

    assert all(step["ok"] for step in one["steps"]), one
    assert stale.json()["code"] == "stale_revision"
    assert two["revision"] != one["revision"]
    assert after["in_step"] is True
    assert "09:00-12:00" in settings.dialplan.read_text("utf-8")
    assert back["revision"] == one["revision"]
    assert [h["rollback"] for h in history] == [True, False, False]
    assert (await client.get("/api/routing")).json()["in_step"] is False
    admin = await routing.signed_in("admin")
    trail = (await admin.get("/api/audit")).json()["items"]
    assert {"dialplan.apply", "dialplan.rollback"} <= {row["action"] for row in trail}


@pytest.mark.parametrize("edited", [False, True], ids=["learnt of late", "edited since"])
async def test_whoever_learns_late_of_what_was_applied_does_not_undo_a_rollback(
    routing: Gateway, settings: Settings, edited: bool
) -> None:
    """The file is watched by another process, which on a busy machine reads it when somebody has
    gone back already. What a person saves afterwards counts, though it says the same."""
    client = await routing.signed_in("operator")
    store, path = routing.container.plan.store, settings.dialplan
    before = (await client.get("/api/routing")).json()["files"]
    first = await client.post("/api/routing/apply", json={"files": before, "base": None})
    base = first.json()["revision"]
    draft = changed(before, "do: {persona: billing}", "do: {persona: support}")
    applied = await client.post("/api/routing/apply", json={"files": draft, "base": base})
    await client.post("/api/routing/rollback", json={"revision": base})

    if edited:
        os.utime(path)
    found = load(path)
    taken = await take_in(store, found, "ann", at_start=False, saved_ns=saved_at(path, found))

    assert found.revision == applied.json()["revision"]
    assert taken is edited
    assert await store.revision() == (found.revision if edited else base)


async def test_a_draft_says_how_many_past_calls_would_go_elsewhere(routing: Gateway) -> None:
    """The last calls are replayed on the plan in force and on the draft, also those of which the
    leg wrote down LiveKit's id of the trunk; people read its name in the plan."""
    client = await routing.signed_in("operator")
    original = await files(client)
    await client.post("/api/routing/apply", json={"files": original, "base": None})
    await routing.happen(
        started("call-442079460200-aa", called="+442079460200", source_ip="127.0.0.1"),
        started("call-442079460200-cc", called="+442079460200", trunk="ST_kT2dJ9wsB7xq"),
        started("call-442079460100-bb", called="+442079460100"),
    )
    draft = changed(original, "- {do: {persona: billing}}", "- {do: {persona: support}}")

    found = (await client.post("/api/routing/diff", json={"files": draft})).json()

    record = (await client.get("/api/calls/call-442079460200-cc")).json()

    assert found["replayed"] == 3
    assert found["moved"] == 2
    assert found["changes"]
    assert found["examples"][0]["to"].startswith("persona support")
    assert record["call"]["trunk"] == "local"


async def test_the_plan_explains_tests_and_draws_itself(routing: Gateway) -> None:
    """Who gets a call, the plan's own tests, the calendar, the graph and the schema."""
    client = await routing.signed_in("supervisor")

    explained = await client.post(
        "/api/routing/explain",
        json={"called": "+442079460100", "caller": "+447700900123", "at": "2026-11-23 10:00"},
    )
    tested = await client.post("/api/routing/test", json={})
    drawn = await client.post("/api/routing/graph", json={})
    days = await client.post("/api/routing/calendar", json={"first": "2026-12-24", "days": 3})
    language = await client.get("/api/routing/schema")

    assert explained.json()["decision"] == {"kind": "persona", "name": "reception"}
    assert tested.json()["failed"] == 0
    assert {"from", "to", "label"} == drawn.json()["edges"][0].keys()
    assert days.json()["from"] == "2026-12-24"
    assert "properties" in language.json()
    denied = await client.post("/api/routing/apply", json={"files": [], "base": None})
    assert denied.status_code == 403


async def test_a_draft_cannot_write_outside_the_plans_folder(routing: Gateway) -> None:
    """A path with dots, an absolute one or another kind of file is refused before anything."""
    client = await routing.signed_in("operator")
    original = await files(client)

    for path in ("../evil.yaml", "/etc/evil.yaml", "prompts/../../evil.md", "evil.py"):
        bad = [*original, {"path": path, "text": "x"}]
        answer = await client.post("/api/routing/apply", json={"files": bad, "base": None})
        assert answer.status_code == 400, path
