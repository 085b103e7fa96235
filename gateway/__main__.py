"""`python -m gateway`: the gateway in this process, until it is told to stop."""

from __future__ import annotations

import uvicorn

from gateway import logs
from gateway.app import create
from gateway.settings import Settings


def main() -> None:
    settings = Settings.from_environment()
    logs.set_up(show_personal=settings.show_personal)
    uvicorn.run(
        create(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
