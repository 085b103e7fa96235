"""Examples of the routing part of the API; see `gateway.examples`."""

from __future__ import annotations

from typing import Any, Final

_T0: Final = "2026-11-23T09:30:00Z"
_REVISION: Final = "3f2a90c1d4e5"
_FILES: Final = [{"path": "main.yaml", "text": "version: 1\n"}]
_STEP: Final = {"rule": "route reception rule 3", "matched": True, "because": "always"}

REQUESTS: Final[dict[str, Any]] = {
    "checkPlan": {"files": _FILES},
    "explainCall": {
        "called": "+442079460100",
        "caller": "+447700900123",
        "at": "2026-11-23 08:30",
        "headers": {},
        "files": None,
    },
    "testPlan": {"files": None},
    "drawPlan": {"files": None},
    "readCalendar": {"first": "2026-12-21", "days": 14, "files": None},
    "comparePlan": {"files": _FILES},
    "applyPlan": {"files": _FILES, "base": _REVISION},
    "rollBackPlan": {"revision": _REVISION},
}

RESPONSES: Final[dict[str, Any]] = {
    "readPlan": {
        "revision": _REVISION,
        "files": _FILES,
        "author": "olga",
        "at": _T0,
        "in_step": True,
    },
    "checkPlan": {
        "ok": False,
        "revision": None,
        "problems": [
            {
                "file": "main.yaml",
                "line": 11,
                "column": 14,
                "code": "E_PERSONA",
                "severity": "error",
                "message": "unknown persona 'bililng'",
                "suggestion": "did you mean 'billing'?",
            }
        ],
    },
    "explainCall": {
        "decision": {"kind": "persona", "name": "reception"},
        "path": ["persona reception"],
        "steps": [_STEP],
        "local_time": "2026-11-23T08:30:00+00:00",
        "revision": _REVISION,
        "refused": None,
        "text": "+447700900123 calls +442079460100 … The call goes to persona reception.",
    },
    "testPlan": {
        "passed": 1,
        "failed": 0,
        "tests": [
            {
                "name": "office hours",
                "passed": True,
                "expected": ["persona reception"],
                "got": ["persona reception"],
                "steps": [_STEP],
                "problem": "",
            }
        ],
    },
    "drawPlan": {
        "nodes": [
            {"id": "route:reception", "kind": "route", "name": "reception"},
            {"id": "persona:reception", "kind": "persona", "name": "reception"},
        ],
        "edges": [{"from": "route:reception", "to": "persona:reception", "label": "3. always"}],
    },
    "readCalendar": {
        "from": "2026-12-21",
        "numbers": [
            {
                "number": "+442079460100",
                "label": "Reception",
                "timezone": "Europe/London",
                "hours": "office",
                "days": [{"date": "2026-12-25", "open": [], "note": "holiday"}],
            }
        ],
    },
    "comparePlan": {
        "changes": [{"where": "hours office sat", "kind": "removed", "old": "9-13", "new": ""}],
        "replayed": 5000,
        "moved": 12,
        "examples": [
            {
                "from": "persona reception",
                "to": "menu night",
                "because": "rule 1 decides, where it was rule 2",
                "count": 12,
                "calls": [{"to": "+442079460100", "from": "anonymous", "at": _T0}],
            }
        ],
    },
    "applyPlan": {
        "revision": _REVISION,
        "steps": [{"what": "create inbound switchboard/main/local", "ok": True, "detail": ""}],
    },
    "rollBackPlan": {
        "revision": _REVISION,
        "steps": [{"what": "LiveKit", "ok": True, "detail": "nothing to change"}],
    },
    "planHistory": {
        "items": [
            {
                "revision": _REVISION,
                "author": "olga",
                "at": _T0,
                "before": "",
                "changes": [],
                "rollback": False,
                "current": True,
            }
        ]
    },
    "readRevision": {"revision": _REVISION, "files": _FILES},
    "planSchema": {"type": "object", "properties": {"version": {"const": 1}}},
}
