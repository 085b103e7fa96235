"""`python -m agents start | dev | console | download-files`, as LiveKit's own, and `doctor`."""

from __future__ import annotations

import logging
import os
import sys
import threading

from agents.logs import set_up_logs
from agents.settings import Settings


def main() -> None:
    """The commands are LiveKit's; only `doctor`, and rendering ahead before `start`, are ours.

    What only some commands need is imported there: LiveKit and the worker take seconds to load.
    """
    settings = Settings()
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    set_up_logs(development=command in ("dev", "console"))
    if command == "doctor":
        from agents.doctor import main as doctor

        sys.exit(doctor(settings, as_json="--json" in sys.argv[2:]))
    if command == "download-files":
        # Importing a plugin registers it with `download-files`; the worker itself does not need
        # this one unless its files are there.
        import warnings

        warnings.simplefilter("ignore", DeprecationWarning)
        import livekit.plugins.silero
        import livekit.plugins.turn_detector.multilingual  # noqa: F401
    os.environ.setdefault("LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE", "0")

    from livekit.agents import cli

    from agents.worker import build

    greeted = threading.Event()
    if command in ("start", "dev"):
        from agents.company.demo_company import DemoCompany
        from agents.company.forgetting import keep_forgetting
        from agents.job.recording import keep_swept
        from agents.providers.prerender import render_ahead

        rendering = threading.Thread(
            target=render_ahead, args=(settings, greeted), name="render ahead", daemon=True
        )
        rendering.start()
        threading.Thread(
            target=keep_swept, args=(settings.recordings,), name="recordings", daemon=True
        ).start()
        threading.Thread(
            target=keep_forgetting,
            args=(settings, DemoCompany(settings.company)),
            name="forgetting",
            daemon=True,
        ).start()
    logging.getLogger("livekit.agents").setLevel(logging.INFO)
    server = build(settings)
    if command in ("start", "dev"):
        from agents.health import Health

        port = (settings.worker_host, settings.worker_port)
        Health(server, port, settings.worker_limit, greeted=greeted).start()
    cli.run_app(server)


if __name__ == "__main__":
    main()
