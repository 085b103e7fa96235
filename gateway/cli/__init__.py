"""The `switchboard` command; each module brings its own, and none is imported by another room."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Ends by SystemExit: 0 done; 1 could not, with the reason in one line; 2 wrong arguments."""
    # Saves Typer (0.1 s) whoever imports only one module of this room.
    from gateway.cli.assemble import run

    run(list(sys.argv[1:] if argv is None else argv))
