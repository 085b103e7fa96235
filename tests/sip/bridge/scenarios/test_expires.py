"""For how long a caller wants to ring."""

from __future__ import annotations

import pytest

from sip.bridge.calls.ringing import stands_for
from tests.sip.bridge.signalling.test_message import request


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("Expires: 30", 30),
        ("expires :  7 ", 7),
        ("Expires: 0", None),
        ("Expires: -1", None),
        ("Expires: soon", None),
        ("Expires: 99999999999", None),
        ("Expires: Thu, 01 Dec 1994 16:00:00 GMT", None),
        ("Subject: none", None),
    ],
)
def test_an_invitation_stands_for_as_long_as_it_says(line: str, seconds: int | None) -> None:
    """What is over as it comes, or cannot be read, says nothing."""
    assert stands_for(request(line)) == seconds
