"""One example for every request and answer of the API; a test decodes each as its own type."""

from __future__ import annotations

from typing import Any, Final

from gateway.routing import examples as routing

_T0 = "2026-11-23T09:30:00Z"
_T1 = "2026-11-23T09:30:01.200000Z"
_T2 = "2026-11-23T09:31:10Z"
_ID = "call-442079460100-9f2c41d07be3"

CALL: Final[dict[str, Any]] = {
    "id": _ID,
    "seq": 1284,
    "direction": "in",
    "called": "+442079460100",
    "caller": "+447700900123",
    "trunk": "local",
    "state": "waiting",
    "state_since": _T2,
    "started_at": _T0,
    "answered_at": _T1,
    "ended_at": None,
    "holder": {"kind": "persona", "name": "billing"},
    "persona": "billing",
    "agent": None,
    "language": "en",
    "decision": {"kind": "persona", "name": "reception", "revision": "3f2a90c1"},
    "last": {"speaker": "caller", "role": "caller", "text": "A person, please.", "at": _T2},
    "needs": ["person_wanted"],
    "needs_since": _T2,
    "wanted": {
        "at": _T2,
        "queue": "support",
        "skills": ["billing"],
        "reason": "asked for a person",
        "summary": "Disputes the June invoice.",
        "language": "en",
        "priority": 0,
    },
    "listeners": [{"who": "sue", "mode": "listen", "since": _T2}],
    "turns": 6,
    "turn_gap_ms": 840.0,
    "turn_gap_p50_ms": 790.0,
    "turn_gap_max_ms": 1320.0,
    "hand_overs": 1,
    "tools": 2,
    "problems": 0,
    "notes": 0,
    "cause": None,
    "by": None,
    "code": None,
    "reason": None,
    "detail": "",
    "disposition": None,
    "wait_s": None,
    "talk_s": None,
    "recorded": True,
    "coachable": False,
    "message": False,
}

_LADDER: Final = {
    "call": _ID,
    "local": "192.0.2.1:5060",
    "rungs": [
        {
            "at": "2026-11-23T09:30:00Z",
            "ms": 0.0,
            "sent": False,
            "transport": "UDP",
            "peer": "198.51.100.7:5060",
            "line": "INVITE",
            "cseq": "1 INVITE",
            "sdp": True,
            "text": "INVITE sip:+442079460100@192.0.2.1 SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n",
            "repeats": 0,
            "leg": "",
        }
    ],
    "left_out": 0,
    "left_out_bytes": 0,
}

_CONNECTION: Final = {
    "purpose": "listen",
    "room": _ID,
    "server_url": "ws://127.0.0.1:7880",
    "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
    "identity": "supervisor-5b1d0f6a2c9e4d77",
    "expires_at": _T2,
    "microphone": False,
}
_TALK: Final = {
    **_CONNECTION,
    "purpose": "talk",
    "identity": "agent-77aa0c1e55d34b10",
    "microphone": True,
}
_CALLER: Final = {
    **_CONNECTION,
    "purpose": "caller",
    "identity": "caller-0c1e55d34b1077aa",
    "microphone": True,
}
_MODE: Final = {
    "call": _ID,
    "mode": "listen",
    "who": "sue",
    "since": _T2,
    "hears": [],
    "sentence": {"en": "Nobody can hear you.", "de": "Niemand kann Sie hören."},
    "open": [_CONNECTION],
    "close": [],
}
_SEAT: Final = {
    "name": "ann",
    "display": "Ann Example",
    "state": "ready",
    "since": _T0,
    "reason": "",
    "skills": ["billing"],
    "call": None,
    "idle_since": _T0,
    "telephone": "desk-12",
    "registered": True,
    "listens": "telephone",
    "by": "",
}
_OFFER: Final = {
    "id": "9b0e3f5a6c7d8e91",
    "call": _ID,
    "to": "ann",
    "at": _T2,
    "expires_at": "2026-11-23T09:31:30Z",
    "summary": "Disputes the June invoice.",
    "reason": "asked for a person",
    "skills": ["billing"],
    "language": "en",
    "caller": "+447700900123",
    "called": "+442079460100",
    "priority": 0,
    "frm": "",
}
_ME: Final = {
    "name": "sue",
    "display": "Sue Example",
    "roles": ["supervisor"],
    "skills": [],
    "may": ["calls.barge", "calls.listen", "calls.read"],
    "masked": False,
    "must_change_password": False,
}
_PERSON: Final = {
    "name": "ann",
    "display": "Ann Example",
    "roles": ["agent"],
    "skills": ["billing"],
    "disabled": False,
    "oidc": False,
    "created_at": _T0,
}
_KEY: Final = {"name": "wallboard", "roles": ["viewer"], "created_at": _T0, "last_used_at": None}
_DONE: Final = {"ok": True, "detail": ""}
_DETAIL: Final = {
    "call": CALL,
    "events": [
        {
            "seq": 1270,
            "event": {
                "kind": "routed",
                "call": _ID,
                "source": "agents",
                "at": _T0,
                "id": "5c0d",
                "decision_kind": "persona",
                "decision_name": "reception",
                "steps": [{"rule": "route reception rule 3", "matched": True, "because": "always"}],
                "local_time": "2026-11-23T09:30:00+00:00",
            },
        },
        {
            "seq": 1272,
            "event": {
                "kind": "said",
                "call": _ID,
                "source": "agents",
                "at": _T1,
                "id": "7a1e",
                "speaker": "reception",
                "text": "Hello, how can I help?",
            },
        },
    ],
    "listened": [{"who": "sue", "action": "listen", "at": _T2, "ended_at": None}],
    "sounds": [
        {
            "id": "1f0c9a7e5b3d4c21",
            "kind": "recording",
            "at": _T2,
            "seconds": 68.4,
            "there": True,
            "until": "2027-02-21",
            "mailbox": None,
            "text": "",
        }
    ],
    "figures": {"duration": 70.0},
}

REQUESTS: Final[dict[str, Any]] = {
    "signIn": {"name": "sue", "password": "correct horse battery"},
    "changePassword": {"old": "3f9a2c-77be01-5d4c8a", "new": "correct horse battery"},
    "addUser": {
        "name": "ann",
        "display": "Ann Example",
        "password": "correct horse battery",
        "roles": ["agent"],
        "skills": ["billing"],
    },
    "changeUser": {"skills": ["billing", "support"]},
    "addKey": {"name": "wallboard", "roles": ["viewer"]},
    "changeMode": {"mode": "listen", "have": []},
    "giveBack": {"note": "I promised a credit note.", "have": ["supervisor-5b1d0f6a2c9e4d77"]},
    "coach": {"text": "Offer a credit note."},
    "sayAloud": {"text": "We will credit you ten pounds."},
    "transfer": {"to": "persona support"},
    "hangUp": {"reason": "nuisance"},
    "addNote": {"note": "Call back on Friday.", "disposition": "open"},
    "hold": {"on": True},
    "askForHelp": {"on": True, "note": "Threatens to cancel."},
    "makeToken": {"purpose": "caller", "number": "web"},
    "setReadiness": {"state": "ready", "reason": ""},
    "setLine": {"line": "telephone"},
    "declineOffer": {"reason": "lunch"},
    "giveCallBack": {"note": "All questions answered."},
    **routing.REQUESTS,
}
"""operationId → what is sent."""

RESPONSES: Final[dict[str, Any]] = {
    "signIn": _ME,
    "whoAmI": _ME,
    "signInOptions": {"local": True, "oidc": None},
    "listUsers": {"items": [_PERSON]},
    "addUser": _PERSON,
    "changeUser": _PERSON,
    "listKeys": {"items": [_KEY]},
    "addKey": {"key": _KEY, "secret": "sbk_shown-only-this-once"},
    "readAudit": {
        "items": [
            {
                "id": 81,
                "at": _T2,
                "ended_at": None,
                "who": "sue",
                "action": "listen",
                "call": _ID,
                "ip": "127.0.0.1",
                "detail": {},
            }
        ],
        "next": None,
    },
    "listCalls": {"items": [CALL], "next": None},
    "readCall": _DETAIL,
    "readLadder": _LADDER,
    "readMode": {**_MODE, "open": []},
    "changeMode": _MODE,
    "giveBack": {**_MODE, "close": ["supervisor-0a1b2c3d4e5f6071"]},
    "coach": _DONE,
    "sayAloud": _DONE,
    "coachAloud": {"ok": True, "text": "Offer a credit note.", "detail": ""},
    "transfer": _DONE,
    "hangUp": _DONE,
    "addNote": _DONE,
    "hold": _DONE,
    "askForHelp": _DONE,
    "makeToken": {"call": _ID, "connections": [_CALLER]},
    "webNumbers": {"items": [{"number": "web", "language": "en", "name": "Reception"}]},
    "readDesk": {
        "me": _SEAT,
        "seats": [_SEAT],
        "offers": [_OFFER],
        "waiting": [CALL],
        "mine": [],
    },
    "setReadiness": _SEAT,
    "setLine": {"seat": _SEAT, "connections": []},
    "acceptOffer": {"call": CALL, "connections": [_TALK]},
    "takeCall": {"call": CALL, "connections": [_TALK]},
    "giveCallBack": _DONE,
    **routing.RESPONSES,
    "livekitWebhook": {"fresh": True},
    "metrics": 'switchboard_calls{state="talking"} 3.0\n',
    "exportCalls": "id,started_at,called\r\ncall-1,2026-11-23T09:30:00+00:00,+442079460100\r\n",
    "alive": {"alive": True},
    "ready": {"ready": True, "checks": {"database": "ok", "redis": "ok", "livekit": "ok"}},
}
"""operationId → what is answered."""
