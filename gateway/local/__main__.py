"""`python -m gateway.local`: the supervisor in the foreground; `switchboard up` detaches it."""

from __future__ import annotations

import argparse
import asyncio
import sys

from gateway.local.config_files import write_config_files
from gateway.local.keys import ensure_keys
from gateway.local.layout import Layout, LayoutError
from gateway.local.log_file import LogFile
from gateway.local.processes.services import installed, services
from gateway.local.processes.supervisor import CannotStartError, Supervisor
from gateway.local.tools import MissingToolError


def main() -> int:
    """Exit status 1 with one line for each thing in the way, before anything was started; 2 for an
    argument that it does not know."""
    arguments = _arguments().parse_args()
    try:
        layout = Layout.from_environment()
        keys = ensure_keys(layout.secrets)
        wanted = [service for service in services(layout, keys) if installed(service)]
        write_config_files(layout, keys)
        log = LogFile(layout.logs, echo=not arguments.quiet, days=layout.log_days)
        asyncio.run(Supervisor(layout, wanted, log).run())
    except (LayoutError, CannotStartError) as error:
        return _give_up(error.problems)
    except MissingToolError as error:
        return _give_up([str(error)])
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gateway.local",
        description="Starts everything on this machine and stays in the foreground until Ctrl-C; "
        "`switchboard up` does it in the background.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--quiet", action="store_true", help="write to the log file only, not to the terminal"
    )
    return parser


def _give_up(problems: list[str]) -> int:
    for problem in problems:
        sys.stderr.write(f"switchboard: {problem}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
