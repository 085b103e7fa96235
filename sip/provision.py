"""From a file to a plan: the one way that commands, the running system and tests go."""

from __future__ import annotations

import os
from collections.abc import Mapping

from dialplans.language.load import Loaded
from dialplans.model import Dialplan
from sip.client import SipObjects
from sip.objects import Existing, prefix_of
from sip.plan import Plan, make_plan
from sip.render import Rendering, render


class BadDialplanError(ValueError):
    """The file has errors; `report` shows them all at their places."""

    def __init__(self, report: str) -> None:
        super().__init__(report)
        self.report = report


def checked(loaded: Loaded) -> Dialplan:
    """The plan, if it may go live. Raises BadDialplanError."""
    if not loaded.valid or loaded.plan is None:
        raise BadDialplanError(loaded.report())
    return loaded.plan


async def intended(
    loaded: Loaded, name: str, objects: SipObjects, env: Mapping[str, str] | None = None
) -> tuple[Plan, list[Existing]]:
    """What must be done, and what is there now.

    Raises BadDialplanError, MissingSecretsError or ProvisioningError; changes nothing.
    """
    wanted = render(checked(loaded), Rendering(name, os.environ if env is None else env))
    there = await objects.fetch()
    return make_plan(wanted, there, prefix_of(name)), there
