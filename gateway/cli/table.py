"""Which module brings which commands, and the line that `--help` shows for each.

Written down here so that help needs no import; a test holds it against the modules.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Brought:
    """`module` has a typer application `app` whose commands become commands of `switchboard`."""

    module: str
    panel: str
    commands: dict[str, str]


TABLE = (
    Brought(
        "gateway.cli.running",
        "Running it",
        {
            "up": "Start everything and return to the prompt.",
            "down": "Stop everything; calls may finish for a moment.",
            "status": "What runs, where it listens, which dialplan is in force.",
            "logs": "The log of all processes, or of some.",
            "restart": "Stop one service and start it again.",
        },
    ),
    Brought(
        "dialplans.commands",
        "Dialplan",
        {
            "check": "Find what is wrong with a plan, all of it at once.",
            "explain": "Say where a call would go, and why, rule by rule.",
            "test": "Run the tests that the plan carries, on the clock they ask for.",
            "simulate": "Be the caller: type keys and events and walk through the plan.",
            "mutate": "Break the plan in small ways and name those that no test notices.",
            "diff": "Say what changes in meaning, and which past calls would go elsewhere.",
            "calendar": "Show when each number is open, in its own local time.",
            "graph": "Draw numbers, routes and where they lead, for Mermaid or Graphviz.",
            "fmt": "Put a file into canonical form; comments stay.",
            "schema": "Print the JSON Schema (draft-07) of the language.",
            "history": "List the revisions of the plan: who changed what, and when.",
            "rollback": "Make an earlier revision the plan of new calls.",
        },
    ),
    Brought(
        "sip.commands",
        "Dialplan",
        {
            "plan": "Show what `apply` would do on the LiveKit server; change nothing.",
            "apply": "Make the LiveKit server's trunks and rules agree with a dialplan.",
        },
    ),
    Brought(
        "sip.phone.commands",
        "Calls",
        {"call": "Dial a number by SIP, speak, listen, and show what was said."},
    ),
    Brought(
        "gateway.cli.calls",
        "Calls",
        {"calls": "Calls as they happen, with what is said."},
    ),
    Brought(
        "gateway.history.commands",
        "Calls",
        {"trace": "Show the SIP messages of a call in their order, with times."},
    ),
    Brought(
        "gateway.cli.token",
        "LiveKit",
        {"token": "Make a token for a room, as LiveKit's own command line does."},
    ),
    Brought(
        "gateway.cli.users",
        "People",
        {
            "user": "Accounts of the console: add, roles, passwords.",
            "apikey": "Keys for machines that use the API.",
        },
    ),
    Brought(
        "gateway.acd.commands",
        "People",
        {"staff": "How many people a queue needs, by Erlang C or A."},
    ),
    Brought(
        "gateway.cli.doctor",
        "Running it",
        {"doctor": "Which models, filters and detectors are active here, and why."},
    ),
)
