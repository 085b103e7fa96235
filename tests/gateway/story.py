"""The story of a call, read out of its events as a consumer of the API reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Facts = dict[str, Any]


def told(record: Mapping[str, Any], kind: str) -> list[Facts]:
    """The events of one kind, in the order in which they happened."""
    return [entry["event"] for entry in record["events"] if entry["event"]["kind"] == kind]


def lines(record: Mapping[str, Any]) -> list[str]:
    """What was said by either side."""
    events = [entry["event"] for entry in record["events"]]
    return [event["text"] for event in events if event["kind"] in ("said", "heard")]


def coached(record: Mapping[str, Any]) -> list[Facts]:
    """What coaches told the persona. An event leaves out what is as a reader would assume it."""
    found = [event for event in told(record, "supervised") if event["mode"] == "coach"]
    return [{"who": e["who"], "text": e.get("note", ""), "ok": e.get("ok", True)} for e in found]
