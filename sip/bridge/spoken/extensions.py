"""Extensions by their option tag, and bodies by their type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Extension:
    """`understood` is whether it may be required of us; what may not is 420."""

    tag: str
    understood: bool
    about: str


EXTENSIONS = (
    Extension(
        "100rel", True, "RFC 3262: of callers who require it, and of whoever is called and rings so"
    ),
    Extension("timer", True, "RFC 4028: both ways, either side refreshes"),
    Extension("replaces", True, "RFC 3891: who takes the place of a telephone that is in a call"),
    Extension("path", False, "RFC 3327: in REGISTER alone, there in both directions"),
    Extension("norefersub", True, "RFC 4488: a REFER without NOTIFY, both ways"),
    Extension("histinfo", False, "RFC 7044: the header is read all the same"),
    Extension("from-change", False, "RFC 4916"),
    Extension("precondition", False, "RFC 3312"),
    Extension("outbound", False, "RFC 5626: its keep-alives are answered all the same"),
    Extension("gruu", False, "RFC 5627"),
    Extension("join", False, "RFC 3911"),
    Extension("tdialog", False, "RFC 4538"),
    Extension("early-session", False, "RFC 3959"),
    Extension("sec-agree", False, "RFC 3329"),
    Extension("resource-priority", False, "RFC 4412"),
    Extension("privacy", False, "RFC 3323: the header is followed all the same"),
    Extension("anything else", False, ""),
)


@dataclass(frozen=True)
class Body:
    """`code` is what a method gets that brings it; `about` is what is made of it."""

    kind: str
    method: str
    code: int
    about: str


BODIES = (
    Body("application/sdp", "INVITE", 200, "also without a `Content-Type`"),
    Body(
        "multipart/mixed", "INVITE", 200, "`related` and `alternative` too: the description in it"
    ),
    Body("application/dtmf-relay", "INFO", 200, "`Signal=5`"),
    Body("application/dtmf", "INFO", 200, "`5`, `10` for a star"),
    Body("application/isup", "INVITE", 415, "beside a description it is left"),
    Body("application/pidf+xml", "INVITE", 415, "beside a description it is left"),
    Body("text/plain", "INVITE", 415, ""),
    Body("application/media_control+xml", "INFO", 415, ""),
)
