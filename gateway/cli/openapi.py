"""`python -m gateway.cli.openapi`: prints the API's description, for the console's types."""

from __future__ import annotations

import sys

import msgspec

from gateway.app import create
from gateway.openapi import complete, permissions_by_operation
from gateway.settings import Settings


def main() -> None:
    app = create(Settings.from_environment())
    document = complete(app.openapi_schema.to_schema(), permissions_by_operation(app))
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


if __name__ == "__main__":
    main()
