"""Why a call did not come in, was not answered, or was heard by one side alone: one sentence each.

For whoever looks after the telephones. Made of codes, reasons and figures, here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialplans.contracts.causes import EndCause, RefusalReason
from dialplans.contracts.dial_outcome import NORMAL, q850_words

ONE_WAY_SECONDS = 3.0
"""A shorter call may have ended before anybody said anything."""

_REFUSED: Mapping[str, str] = {
    RefusalReason.NO_SUCH_NUMBER: "the number called is not in the dialplan, or its trunk brings it"
    " under another spelling",
    RefusalReason.ADDRESS_NOT_ALLOWED: "it came from an address that the trunk of this number does"
    " not let in (`allow`)",
    RefusalReason.WRONG_PASSWORD: "the password was not that of the trunk (`auth`)",
    RefusalReason.BLOCKED: "this caller is not let in",
    RefusalReason.REJECTED_BY_PLAN: "a rule of the dialplan rejects it",
    RefusalReason.REJECTED: "whoever was asked declined it",
    RefusalReason.LIMIT_CALLER: "this caller has as many calls as the dialplan allows one",
    RefusalReason.LIMIT_NUMBER: "this number has as many calls as the dialplan allows it",
    RefusalReason.LIMIT_CONCURRENT: "there are as many calls as this system takes at once",
    RefusalReason.FLOOD: "calls came faster from this address than one may send them",
    RefusalReason.BUSY: "this machine has too much to do to carry another call well",
    RefusalReason.DRAINING: "this process is shutting down and takes no more calls",
    RefusalReason.NO_WORKER: "no worker took the call: none runs, or all are full",
    RefusalReason.NO_ANSWER: "nobody answered while it rang",
    RefusalReason.CANCELLED: "the caller gave up while it rang",
    RefusalReason.SERVER_AWAY: "livekit-server cannot be reached",
    RefusalReason.PIN_UNSUPPORTED: "the dispatch rule asks for a PIN, which is not supported",
    RefusalReason.MEDIA_UNSUPPORTED: "the telephone offers no sound that both sides speak",
    RefusalReason.MEDIA_ADDRESS: "the telephone wants its sound at an address where none is sent",
    RefusalReason.ENCRYPTION_UNSUPPORTED: "the trunk asks for encryption that this leg cannot do",
    RefusalReason.FAILED: "something broke on our side; the log says what",
}

_NOT_ANSWERED = {
    401: "the carrier refused the user and password of the trunk",
    403: "the carrier does not allow this call",
    404: "the carrier knows no such number",
    407: "the carrier refused the user and password of the trunk",
    408: "nobody answered in time",
    410: "the number is no longer in use",
    415: "the other side does not speak SDP as we do",
    480: "whoever was called cannot be reached at the moment",
    484: "the number is not complete",
    486: "whoever was called is busy",
    487: "it was given up while it rang",
    488: "the other side speaks no sound that we do",
    500: "something broke, on our side or on theirs",
    502: "the carrier cannot reach the number's network",
    503: "the carrier takes no calls at the moment, or is not there",
    504: "the number's network did not answer the carrier",
    600: "whoever was called is busy",
    603: "whoever was called declined",
    604: "the number exists nowhere",
    606: "the other side speaks no sound that we do",
}

_NOBODY_CAME = (
    EndCause.NO_ANSWER,
    EndCause.BUSY,
    EndCause.DECLINED,
    EndCause.UNREACHABLE,
    EndCause.WRONG_NUMBER,
)

_ENDED: Mapping[str, str] = {
    EndCause.MEDIA_TIMEOUT: "Ended by us: no more sound came from the phone.",
    EndCause.MAX_DURATION: "Ended by us: it was as long as a call may be.",
    EndCause.ROOM_CLOSED: "Ended because its room was closed under it.",
    EndCause.DRAINED: "Ended because this process was shut down.",
    EndCause.FAILED: "Ended because the phone was out of reach: it acknowledged nothing, or let its"
    " session run out.",
}


def refused(code: int, reason: str, detail: str = "") -> str:
    """Of an incoming call. A reason of another release is named as it is."""
    because = _REFUSED.get(reason, reason.replace("_", " ") or "no reason was given")
    return f"Refused with {code}: {because}{_more(detail)}."


def ended(
    cause: str,
    code: int | None,
    figures: Mapping[str, float],
    *,
    detail: str = "",
    q850: int | None = None,
) -> str:
    """Empty where nothing went wrong. What was heard by one side alone comes first. `detail` is
    what is known of this call, `q850` the cause that the telephone network gave."""
    network = q850_words(q850) if q850 is not None else ""
    if cause in _NOBODY_CAME:
        said = detail or _NOT_ANSWERED.get(code or 0, "nobody answered" if code is None else "")
        numbers = "; ".join(part for part in (str(code or ""), network) if part)
        said = said or "the other side refused it"
        return f"Not answered: {said} ({numbers})." if numbers else f"Not answered: {said}."
    if network and q850 not in NORMAL and not one_way(figures):
        return f"Ended by the telephone network: {network}."
    return one_way(figures) or _ENDED.get(cause, "")


def one_way(figures: Mapping[str, float]) -> str:
    """By what `Ended` counted; empty if both sides could hear each other, or nobody knows."""
    hole, talk = figures.get("longest_hole_ms"), figures.get("talk_s", 0.0)
    if hole is None or talk < ONE_WAY_SECONDS:
        return ""
    deaf = not figures.get("rtp_received") and hole >= 1000 * ONE_WAY_SECONDS
    dumb = not figures.get("rtp_sent")
    strangers = figures.get("rtp_strangers", 0.0)
    length = f"in {talk:.0f} s"
    if deaf and dumb:
        return f"No sound either way {length}: {_unheard(strangers)}, so nothing was sent there."
    if deaf:
        return f"One-way: nothing was heard of the phone {length}; {_unheard(strangers)}."
    if dumb:
        return (
            f"One-way: nothing was sent to the phone {length}; it was on hold, or the address that"
            " it named cannot be sent to."
        )
    return ""


def transfer_failed(to: str, problem: str) -> str:
    """`to` is whom the phone was asked to call."""
    return f"The transfer to {to} failed: {problem}."


def refer_declined(code: int, problem: str) -> str:
    """A telephone wanted its call transferred."""
    return f"The telephone may not transfer this call: {problem} ({code})."


def transfer_unknown(to: str, problem: str) -> str:
    """The phone did not say what became of it."""
    return f"What became of the transfer to {to} is not known: {problem}."


def _unheard(strangers: float) -> str:
    if strangers:
        return (
            f"{strangers:.0f} packets came, but from addresses that are not the phone's by its SDP"
            " or its SIP"
        )
    return "no packet of its sound came through, as behind a firewall or a NAT that blocks it"


def _more(detail: str) -> str:
    return f" ({detail})" if detail else ""
