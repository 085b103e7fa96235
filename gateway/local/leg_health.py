"""What the SIP leg that runs says about itself."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any

from gateway.local.address import Address
from gateway.local.layout import Layout

PATIENCE_S = 2.0


def accounts(layout: Layout) -> dict[str, dict[str, Any]]:
    """By trunk, the accounts that are kept registered: `registered`, `until` and `error`. Of
    several legs one keeps them, and the others say nothing of them."""
    found: dict[str, dict[str, Any]] = {}
    for told in _healths(layout):
        for trunk, state in _dict(told.get("registrations")).items():
            if trunk not in found or state["registered"]:
                found[trunk] = state
    return found


def telephones(layout: Layout) -> dict[str, dict[str, Any]]:
    """By name, the company's telephones: where each is `at`, its `agents`, and `error`. What one
    leg has just heard another may not know yet."""
    found: dict[str, dict[str, Any]] = {}
    for told in _healths(layout):
        for name, state in _dict(told.get("telephones")).items():
            if name not in found or len(state["at"]) > len(found[name]["at"]):
                found[name] = state
    return found


def telephone_line(name: str, state: Mapping[str, Any]) -> str:
    if state["error"]:
        return f"{name} cannot register: {state['error']}"
    what = f" ({', '.join(state['agents'])})" if state["agents"] else ""
    return f"{name} is at {', '.join(state['at'])}{what}" if state["at"] else f"{name} is nowhere"


def account_line(trunk: str, state: Mapping[str, Any]) -> str:
    if not state["registered"]:
        return f"{trunk} is NOT registered: {state['error'] or 'nobody has answered yet'}"
    late = f"; renewing it failed: {state['error']}" if state["error"] else ""
    return f"{trunk} is registered until {state['until']}{late}"


def _dict(told: object) -> dict[str, dict[str, Any]]:
    return told if isinstance(told, dict) else {}


def _healths(layout: Layout) -> list[dict[str, Any]]:
    return [_health(leg.health) for leg in layout.legs]


def _health(address: Address) -> dict[str, Any]:
    """Empty where no leg of ours answers."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/health")
        found = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return found if isinstance(found, dict) else {}
