"""Every error the API can answer with, in one table, as RFC 9457 problem documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from redis.exceptions import LockError

log = structlog.get_logger(__name__)

PROBLEM_JSON: Final = "application/problem+json"

PROBLEMS: Final[dict[str, tuple[int, str]]] = {
    "invalid": (400, "The request cannot be understood"),
    "not_signed_in": (401, "Please sign in"),
    "wrong_password": (401, "Name or password is wrong"),
    "oidc_failed": (401, "The identity provider did not vouch for you"),
    "bad_signature": (401, "The signature does not match"),
    "not_allowed": (403, "Your role does not allow this"),
    "not_yours": (403, "This call is not yours to take"),
    "must_change_password": (403, "Change your password first"),
    "csrf": (403, "The request did not come from this console"),
    "call_refused": (403, "The dialplan does not let this call in"),
    "not_found": (404, "There is no such thing"),
    "oidc_off": (404, "Single sign-on is not configured"),
    "method": (405, "This address does not take that method"),
    "conflict": (409, "Somebody else was faster"),
    "call_over": (409, "The call is over"),
    "stale_revision": (409, "The dialplan changed in the meantime"),
    "too_large": (413, "The request is too large"),
    "range": (416, "The part lies behind the end"),
    "media_type": (415, "This content type is not taken"),
    "plan_invalid": (422, "The dialplan has errors"),
    "too_many": (429, "Too many tries"),
    "internal": (500, "Something broke on our side"),
    "job_unreachable": (502, "The persona on this call does not answer"),
    "livekit_unreachable": (502, "The media server does not answer"),
    "speech_unreachable": (502, "Speech recognition does not answer"),
    "busy": (503, "Too many people sign in at this moment"),
    "lines_busy": (503, "All lines are taken"),
    "not_ready": (503, "Not ready yet"),
}
"""code → (status, title). The code is stable; titles may be reworded."""

_BY_STATUS: Final = {
    400: "invalid",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method",
    409: "conflict",
    413: "too_large",
    415: "media_type",
    422: "invalid",
    429: "too_many",
    503: "not_ready",
}


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What every error answer looks like; some carry further members."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    instance: str = ""


class Problem(Exception):  # noqa: N818 - the standard's word for what is answered
    """Raised where a request fails; `detail` is one sentence for whoever reads the answer."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.status = PROBLEMS[code][0]
        self.detail = detail
        self.headers = headers or {}
        self.members = members


def answer(problem: Problem, instance: str) -> Response[bytes]:
    status, title = PROBLEMS[problem.code]
    body = {
        "type": f"/problems/{problem.code}",
        "title": title,
        "status": status,
        "detail": problem.detail or title + ".",
        "code": problem.code,
        "instance": instance,
        **problem.members,
    }
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type=PROBLEM_JSON,
        headers=problem.headers,
    )


def on_problem(request: Request[Any, Any, Any], error: Problem) -> Response[bytes]:
    return answer(error, request.url.path)


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Litestar's own refusals, in our shape; field errors keep their places."""
    code = _BY_STATUS.get(error.status_code, "internal")
    members: dict[str, Any] = {}
    detail = error.detail if error.status_code < 500 else ""
    if isinstance(error, ValidationException):
        members["errors"] = [
            {"field": e.get("key", ""), "message": e.get("message", "")}
            for e in error.extra or []
            if isinstance(e, dict)
        ]
        detail = "; ".join(f"{e['field']}: {e['message']}" for e in members["errors"]) or detail
    headers = {k: v for k, v in (error.headers or {}).items() if k.lower() == "allow"}
    return answer(Problem(code, detail, headers=headers, **members), request.url.path)


def on_turn(request: Request[Any, Any, Any], error: LockError) -> Response[bytes]:
    """Whoever holds what the request needs took too long; nothing was changed."""
    log.warning("http.turn_not_got", path=request.url.path, error=str(error))
    return answer(Problem("conflict", "Somebody else is at it. Try again."), request.url.path)


def on_crash(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The reader learns that it broke; the log learns what."""
    log.error("http.crash", path=request.url.path, exc_info=error)
    return answer(Problem("internal"), request.url.path)


def with_zone(at: datetime) -> datetime:
    """A time that somebody asks for; raises Problem for one that could be anywhere's."""
    if at.tzinfo is None:
        raise Problem("invalid", "A time needs its zone, e.g. 2026-11-22T10:00:00Z.")
    return at
