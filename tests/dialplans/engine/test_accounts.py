"""A call that came to a registered account: for which number it is, and who is believed."""

from __future__ import annotations

import pytest

from dialplans.engine.received import received
from dialplans.language.load import load_text
from dialplans.model import Dialplan
from dialplans.telephony.call import CallContext

LONDON, SECRET = "+442079460100", "+447700900123"

PLAN = """
version: 1
timezone: Europe/London
trunks:
  plain: {allow: ["192.0.2.0/28"]}
  box: {register: {server: fritz.box, user: "620", password: "env:P"}, trusted: true, country: DE}
  line: {register: {server: sip.example, user: "1234567", password: "env:P"}}
numbers:
  "+442079460100": {trunk: plain, route: main}
  "+493023125600": {trunk: box, route: main}
  "+493023125610": {trunk: box, route: main}
  "+442079460500": {trunk: line, route: main}
routes: {main: [{do: {voicemail: box}}]}
voicemail: {box: {max: 60s}}
"""


@pytest.fixture
def plan() -> Dialplan:
    found = load_text(PLAN).plan
    assert found is not None
    return found


BOX, BOX_TOO, LINE = "+493023125600", "+493023125610", "+442079460500"


@pytest.mark.parametrize(
    ("trunk", "uri", "headers", "called"),
    [
        ("box", "sip:620@192.168.178.2:5060", {"To": f"<sip:{BOX}@fritz.box>"}, BOX),
        ("box", "sip:620@192.168.178.2", {"To": "<sip:03023125610@fritz.box>"}, BOX_TOO),
        ("box", "sip:620@192.168.178.2", {"To": "<sip:23125600@fritz.box>"}, BOX),
        ("box", "sip:620@h", {"To": "<sip:620@b>", "P-Called-Party-ID": "<sip:5610@b>"}, BOX_TOO),
        ("box", "sip:620@192.168.178.2", {"To": "<sip:00@fritz.box>"}, "620"),
        ("box", "sip:620@192.168.178.2", {"To": "<sip:99995600@fritz.box>"}, "620"),
        ("line", "sip:1234567@192.0.2.1", {"To": "<sip:1234567@sip.example>"}, LINE),
        ("line", "sip:1234567@192.0.2.1", {"To": "<sip:whatever@sip.example>"}, LINE),
        ("line", f"sip:{LINE}@192.0.2.1", {"To": f"<sip:{LONDON}@sip.example>"}, LINE),
        ("line", "sip:+442079460999@192.0.2.1", {"To": f"<sip:{LINE}@x>"}, "+442079460999"),
    ],
)
def test_a_call_to_an_account_is_for_one_of_its_numbers(
    plan: Dialplan, trunk: str | None, uri: str, headers: dict[str, str], called: str
) -> None:
    """The server sends it to our contact. A box at home writes the number without its area code,
    or never; then it is the account's only one. A number that is not ours is left as it is."""
    sent = CallContext(uri, SECRET, trunk=trunk, source_ip="192.0.2.99", headers=headers)

    assert received(plan, sent).called == called


@pytest.mark.parametrize(
    ("trunk", "source", "believed"),
    [
        ("box", "198.51.100.77", True),
        (None, "198.51.100.77", False),
        ("plain", "192.0.2.1", False),
    ],
)
def test_an_accounts_server_is_believed_and_nobody_else(
    plan: Dialplan, trunk: str | None, source: str, believed: bool
) -> None:
    """Which address that is only the leg knows: it names the trunk."""
    headers = {"P-Asserted-Identity": f"<sip:{SECRET}@x>", "Privacy": "id"}
    sent = CallContext(BOX, "sip:anonymous@x", trunk=trunk, source_ip=source, headers=headers)

    assert bool(received(plan, sent).asserted) is believed
