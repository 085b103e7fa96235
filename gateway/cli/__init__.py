"""The `switchboard` command. Each part of the system brings its own commands; they are loaded only
when one of them is called, so that `--help` is immediate."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Ends by SystemExit: 0 done; 1 could not, with the reason in one line; 2 wrong arguments."""
    from gateway.cli.assemble import run

    run(list(sys.argv[1:] if argv is None else argv))
