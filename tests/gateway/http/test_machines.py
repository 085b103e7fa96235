"""What machines ask: health, figures; and what browsers get before they sign in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from dialplans.contracts import events as ev
from gateway import logs
from tests.gateway.running import Gateway, running_gateway, settings_for, started


async def test_alive_is_not_ready(gateway: Gateway) -> None:
    """Without livekit-server the process lives and says what is missing."""
    client = gateway.client()

    live = await client.get("/health/live")
    ready = await client.get("/health/ready")

    assert live.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["checks"]["database"] == "ok"
    assert ready.json()["checks"]["redis"] == "ok"
    assert ready.json()["checks"]["livekit"] != "ok"


async def test_a_gateway_with_all_it_needs_is_ready(room_gateway: Gateway) -> None:
    """Database, Redis and livekit-server answer."""
    ready = await room_gateway.client().get("/health/ready")

    assert ready.json() == {
        "ready": True,
        "checks": {"database": "ok", "redis": "ok", "livekit": "ok"},
    }


async def test_the_figures_count_what_happened(gateway: Gateway) -> None:
    """Calls by state, the histograms, refusals by reason, the queue, and no number of anybody."""
    await gateway.happen(
        started("call-1", caller="+491701234567"),
        ev.Answered(call="call-1", source="bridge", setup_ms=180.0),
        ev.Turn(call="call-1", source="agents", gap_ms=810.0),
        ev.PersonWanted(call="call-1", source="agents", queue="support"),
        ev.Refused(call="call-2", source="bridge", code=404, reason="no_such_number"),
        started("call-3"),
        ev.Ended(call="call-3", source="agents", cause="caller_hung_up"),
    )

    text = (await gateway.client().get("/metrics")).text

    assert 'switchboard_calls{state="waiting"} 1.0' in text
    assert 'switchboard_queue{queue="support"} 1.0' in text
    assert 'switchboard_refused_total{reason="no_such_number"} 1.0' in text
    assert 'switchboard_ended_total{cause="caller_hung_up"} 1.0' in text
    assert "switchboard_answer_seconds_count 1.0" in text
    assert 'switchboard_turn_gap_seconds_bucket{le="1.0"} 1.0' in text
    assert 'switchboard_steward{what="leads"}' in text
    assert "# TYPE switchboard_tokens_total counter" in text
    assert "switchboard_jobs 0.0" in text
    assert "491701234567" not in text


async def test_the_figures_are_for_this_machine_and_for_those_who_may_see_calls(
    tmp_path: Path, redis_url: str
) -> None:
    """What comes by a proxy came from elsewhere: it needs a key, unless a setting opens them."""
    by_proxy = {"x-forwarded-for": "203.0.113.9"}
    async with running_gateway(settings_for(tmp_path, redis_url)) as gateway:
        stranger = await gateway.client().get("/metrics", headers=by_proxy)
        viewer = await gateway.signed_in("viewer")
        admin = await gateway.signed_in("admin")
        key = (
            await admin.post("/api/keys", json={"name": "prometheus", "roles": ["viewer"]})
        ).json()
        bearer = {"authorization": f"Bearer {key['secret']}", **by_proxy}
        scraper = await gateway.client().get("/metrics", headers=bearer)
        person = await viewer.get("/metrics", headers=by_proxy)
    async with running_gateway(settings_for(tmp_path, redis_url, open_metrics=True)) as gateway:
        opened = await gateway.client().get("/metrics", headers=by_proxy)

    assert stranger.status_code == 401
    assert "switchboard_calls" not in stranger.text
    assert [scraper.status_code, person.status_code, opened.status_code] == [200, 200, 200]
    assert "switchboard_calls" in scraper.text


async def test_logs_name_the_call_and_hide_the_person(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON document a line; what is personal is there as a hash that can be followed."""
    logs.set_up(show_personal=False)
    try:
        log = structlog.get_logger("test")
        with structlog.contextvars.bound_contextvars(call="call-1"):
            log.info("call.routed", to="billing", pii_caller="+491701234567")
            log.info("call.ended", pii_caller="+491701234567")
    finally:
        structlog.reset_defaults()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [line["call"] for line in lines] == ["call-1", "call-1"]
    assert lines[0]["event"] == "call.routed"
    assert lines[0]["pii_caller"] == lines[1]["pii_caller"] != "+491701234567"
    assert "491701234567" not in str(lines)


async def test_no_log_line_of_a_request_holds_a_number(gateway: Gateway) -> None:
    """Searching for a caller leaves nothing of them in the log."""
    client = await gateway.signed_in("supervisor")
    with capture_logs() as captured:
        await gateway.happen(started("call-1", caller="+491701234567"))
        await client.get("/api/calls", params={"q": "+491701234567"})
        await client.get("/api/calls/call-1")

    plain = [{k: v for k, v in line.items() if not k.startswith("pii_")} for line in captured]
    assert "491701234567" not in str(plain)
