"""Drafts and moments that nobody means, which the routing pages must survive all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dialplans.process.reading import MAX_BYTES
from gateway.routing.schemas import LARGEST_DRAFT
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


def shipped() -> tuple[str, list[dict[str, str]]]:
    """The plan that comes with the system, and its prompts as a draft has them."""
    files = (PLAN.parent / "prompts").iterdir()
    return PLAN.read_text(), [{"path": f"prompts/{f.name}", "text": f.read_text()} for f in files]


async def test_a_draft_that_is_too_large_is_a_problem_of_the_plan(
    tmp_path: Path, redis_url: str
) -> None:
    """Told at its place like any other, counted in bytes, with what it includes, and never cut: a
    draft of the largest size is read whole."""
    text, prompts = shipped()
    room = MAX_BYTES - len(text.encode()) - 2
    include = {"path": "more.yaml", "text": "# " + "ü" * (MAX_BYTES // 2)}

    def draft(padding: str, *more: dict[str, str]) -> list[dict[str, str]]:
        return [{"path": "main.yaml", "text": f"{text}#{padding}\n"}, *prompts, *more]

    async with running_gateway(settings_for(tmp_path, redis_url, dialplan=PLAN)) as gateway:
        client = await gateway.signed_in("operator")

        async def check(files: list[dict[str, str]]) -> dict[str, Any]:
            answer = await client.post("/api/routing/check", json={"files": files})
            assert answer.status_code == 200, answer.text[:300]
            found: dict[str, Any] = answer.json()
            return found

        fits = await check(draft("ü" * (room // 2)))
        longer = await check(draft("ü" * (room // 2 + 1)))
        files = draft("")
        files[0]["text"] = "include: more.yaml\n" + files[0]["text"]
        together = await check([*files, include])
        wish = {"files": draft("ü" * (room // 2 + 1)), "base": None}
        applied = await client.post("/api/routing/apply", json=wish)
        unread = await client.post("/api/routing/check", json={"files": draft("x" * LARGEST_DRAFT)})

    assert (fits["ok"], fits["problems"]) == (True, [])
    found = [(p["file"], p["line"], p["code"]) for p in longer["problems"]]
    assert found == [("main.yaml", 1, "E_TOO_LARGE")]
    assert [(p["line"], p["code"]) for p in together["problems"]] == [(1, "E_TOO_LARGE")]
    assert (applied.status_code, applied.json()["code"]) == (422, "plan_invalid")
    assert unread.status_code == 413
