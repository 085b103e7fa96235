"""From a file to a plan: the one way that commands, the running system and tests go."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dialplans.load import load
from sip.client import SipObjects
from sip.objects import Existing, prefix_of
from sip.plan import Plan, make_plan
from sip.render import Rendering, render


class BadDialplanError(ValueError):
    """The file has errors; `report` shows them all at their places."""

    def __init__(self, report: str) -> None:
        super().__init__(report)
        self.report = report


async def intended(
    file: Path, name: str, objects: SipObjects, env: Mapping[str, str] | None = None
) -> tuple[Plan, list[Existing]]:
    """What must be done, and what is there now.

    Raises BadDialplanError, MissingSecretsError or ProvisioningError; changes nothing.
    """
    loaded = load(file)
    if not loaded.valid or loaded.plan is None:
        raise BadDialplanError(loaded.report())
    wanted = render(loaded.plan, Rendering(name, os.environ if env is None else env))
    there = await objects.fetch()
    return make_plan(wanted, there, prefix_of(name)), there
