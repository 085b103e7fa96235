"""Drafts and moments that nobody means, which the routing pages must survive all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.gateway.running import running_gateway, settings_for

PLAN = Path("dialplans/main.yaml")
BILLING = "+442079460200"

PATHS = ("check", "explain", "test", "graph", "calendar", "diff", "apply")
TEXTS = (
    "",
    "[}",
    "\0",
    "&a [*a]",
    "? [a]\n: b",
    "{" * 2000,
    "version: 1\ninclude: [main.yaml]",
    "timezone: ../../etc/passwd",
    "!!python/object:os.system x",
    "a: !!float x",
    "a: 0x" + "f" * 5000,
    "a: 2026-99-99",
)
DRAFTS: tuple[Any, ...] = (
    None,
    [],
    {},
    [{}],
    [{"path": "", "text": ""}],
    [{"path": "../main.yaml", "text": ""}],
    [{"path": "main.yaml", "text": 1}],
    [{"path": "main.yaml", "text": "a: 1"}] * 2,
    *([{"path": "main.yaml", "text": text}] for text in TEXTS),
)


async def test_no_draft_breaks_the_gateway(tmp_path: Path, redis_url: str) -> None:
    """Nothing, nonsense, and what tries to get out of its folder: each is told what is wrong."""
    async with running_gateway(settings_for(tmp_path, redis_url, dialplan=PLAN)) as gateway:
        client = await gateway.signed_in("operator")
        more = {"called": BILLING, "first": "2026-11-23", "base": None}
        broke = []
        for path in PATHS:
            for draft in DRAFTS:
                answer = await client.post(f"/api/routing/{path}", json={"files": draft, **more})
                if answer.status_code not in (200, 400, 409, 422):
                    broke.append((path, draft, answer.text))

    assert broke == []


async def test_the_ends_of_time_are_told_and_not_tripped_over(
    tmp_path: Path, redis_url: str
) -> None:
    """A calendar has a first and a last day; what would lie beyond is answered with a sentence."""
    async with running_gateway(settings_for(tmp_path, redis_url, dialplan=PLAN)) as gateway:
        client = await gateway.signed_in("operator")
        answers = []
        for at in ("0001-01-01 00:00", "9999-12-31 23:59", "9999-12-31T23:59:59Z"):
            for called in (BILLING, "+493023125100"):
                wish = {"called": called, "at": at}
                answers.append(await client.post("/api/routing/explain", json=wish))
            page = {"first": at[:10], "days": 31}
            answers.append(await client.post("/api/routing/calendar", json=page))

    assert {answer.status_code for answer in answers} <= {200, 400}
