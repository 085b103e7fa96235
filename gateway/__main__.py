"""`python -m gateway`: the gateway in this process, until it is told to stop."""

from __future__ import annotations

import gc

import uvicorn

from gateway import logs
from gateway.app import create
from gateway.settings import Settings


def main() -> None:
    settings = Settings.from_environment()
    logs.set_up(show_personal=settings.show_personal)
    app = create(settings)
    app.on_startup.append(_settle)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def _settle() -> None:
    """What was made before the first request stays for good: to look through it for garbage again
    and again would make somebody wait for tens of milliseconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


if __name__ == "__main__":
    main()
