"""What each of the two SIP legs can and cannot do: the table in `sip/README.md`.

`python -m dialplans.language.leg_comparison` writes it between the marks; a test fails when it is
not fresh. What the plan can ask for in vain comes from `leg_capabilities`, so that the table and
`check --running` say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dialplans.language.leg_capabilities import ANY_VALUE, EMBEDDED, LIVEKIT_SIP, Leg

README = Path(__file__).parents[2] / "sip" / "README.md"
BEGIN = "<!-- made by dialplans.language.leg_comparison: begin -->"
END = "<!-- made by dialplans.language.leg_comparison: end -->"


@dataclass(frozen=True)
class Row:
    """What a leg does about `what`; the words of a cell begin with `no` where it does nothing."""

    what: str
    bridge: str
    livekit_sip: str


def _asked(what: str, key: str, value: str) -> Row:
    """A value of a trunk's key: yes, or what is said to whoever asks for it."""

    def cell(leg: Leg) -> str:
        values = leg.cannot.get(key, {})
        says = values.get(value) or values.get(ANY_VALUE, "")
        return f"no: {says.partition(': ')[2] or says}" if says else "yes"

    return Row(what, cell(EMBEDDED), cell(LIVEKIT_SIP))


ROWS = (
    # Who comes in.
    Row(
        "a caller whom the plan rejects",
        "refused before the answer, with the plan's code",
        "refused before the answer, by the worker: the telephone hears 486 whatever the code, and "
        "the record has the plan's",
    ),
    Row(
        "`limits`: `concurrent`, `per_number`, `per_caller`",
        "counted by all legs, in Redis; 503 and 486",
        "counted by all workers in Redis; 486",
    ),
    Row(
        "a number that is not ours",
        "404, and a record",
        "from an address that some trunk allows: 486, and a record with 404; else 180 and then "
        "silence, and no record",
    ),
    Row(
        "our number, from an address of another trunk",
        "403, and a record",
        "486, and a record with 403",
    ),
    Row(
        "an address of no trunk",
        "not heard at all, or 403 and a record",
        "no: 180 and then silence, and no record",
    ),
    Row(
        "an allowed range of addresses, written as the host of From",
        "only where a call comes from counts",
        "believed by livekit-server; refused by the worker with 486, and a record with 403",
    ),
    Row("a wrong password", "401, and a record", "401, no record"),
    Row(
        "nobody there to answer (no worker)",
        "480 after 4.5 s, and a record",
        "486 after the trunk's 30 s of ringing, and a record",
    ),
    Row(
        "who is called",
        "the Request-URI; To, `Diversion` and others say how the call came",
        "To",
    ),
    Row(
        "how numbers may be written",
        "as the country writes them",
        "with `+` and country, with or without the `+`; other forms are refused with the reason "
        "in the record",
    ),
    Row(
        "a withheld number",
        "hidden from the INVITE on",
        "hidden from the worker on; LiveKit's participant is named after what stood in From",
    ),
    _asked("`trusted: true` of a trunk", "trusted", "True"),
    Row(
        "strangers, floods, scanners",
        "counted by address, dropped by the kernel",
        "no: each INVITE is worked on, OPTIONS answered; put a firewall before it",
    ),
    Row(
        "the machine is full",
        "503 above `SWITCHBOARD_SIP_MAX_CALLS` and `SWITCHBOARD_SIP_MAX_CPU`",
        "486 above `SWITCHBOARD_SIP_MAX_CALLS`, by the worker; the processor counts for calls out "
        "only",
    ),
    # Signalling.
    _asked("`transport: tls`", "transport", "tls"),
    _asked("`srtp: required`", "srtp", "required"),
    Row(
        "`register` of a trunk",
        "kept registered, by UDP, TCP or TLS",
        "no: it registers nowhere, and no call comes in by the account",
    ),
    Row(
        "`telephones`",
        "registered and rung, and may call the numbers of their `calls`",
        "no: it is no registrar",
    ),
    Row("a telephone that is a person's seat", "rung for their queues", "rung in the console only"),
    _asked("`dtmf: inband` of a trunk", "dtmf", "inband"),
    Row("codecs", "G.722, G.711; `codecs` of a trunk", "G.722, G.711; `codecs` of a trunk"),
    Row("session timers, UPDATE", "yes", "no: 405"),
    Row(
        "a telephone that transfers its call (REFER, `transfers`)",
        "to the plan's places, and to who takes its place",
        f"no: {LIVEKIT_SIP.cannot['transfers'][ANY_VALUE].partition(': ')[2]}",
    ),
    Row(
        "our own REFER",
        "each way in which it is not known how it went has its sentence",
        "a status, or none in time",
    ),
    _asked("`tells` of a trunk (`Diversion` and others on calls out)", "tells", ANY_VALUE),
    Row("hold", "yes", "no: it answers sendrecv and sends on"),
    Row("a process of the leg dies", "calls go on", "all calls end, without BYE"),
    Row(
        "several legs on one Redis",
        "yes, each with its ports; limits are counted over all, an account is registered by one",
        "yes, but `up` starts one",
    ),
    # Sound and keys.
    Row(
        "our echo in what the telephone says",
        "taken out by the leg",
        "made silence by the job, for the persona's words only",
    ),
    Row("keys as INFO", "yes", "no: 405"),
    Row("who gets keys", "agents and telephones, by name", "everybody in the room"),
    Row(
        "sealed steps",
        "the sound goes to agents alone",
        f"no: {LIVEKIT_SIP.lacks['sealed'].partition(': ')[2]}",
    ),
    Row(
        "a telephone behind a NAT",
        "followed, when it has proved itself",
        "followed at its first packet, or a stranger's first",
    ),
    Row(
        "which addresses are bound",
        "those of the settings; sound to that of the leg",
        "SIP to its setting; health, figures and sound to every address",
    ),
    # The record.
    Row(
        "the record",
        "caller, called, trunk, address, answer, end, figures of the sound",
        "caller, called, trunk, answer, end; no: address, figures of the sound",
    ),
    Row(
        "a caller who hangs up while it rings",
        "487, and a record",
        "487, and a record",
    ),
    # What breaks.
    Row(
        "livekit-server restarts in mid-call",
        "the telephone is kept for up to a minute",
        "no: BYE after 9 s; the record ends",
    ),
    Row(
        "the leg is stopped",
        "calls may end, for up to ten minutes",
        "no: calls are cut off, without BYE",
    ),
)


def table() -> Iterator[str]:
    yield from ("| | embedded (`bridge`) | `livekit-sip` |", "|---|---|---|")
    for row in ROWS:
        yield f"| {row.what} | {row.bridge} | {row.livekit_sip} |"


def placed(page: str) -> str:
    """The page with the table of today between the marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join((before + BEGIN, "", *table(), "", END + after))


if __name__ == "__main__":
    README.write_text(placed(README.read_text(encoding="utf-8")), encoding="utf-8")
