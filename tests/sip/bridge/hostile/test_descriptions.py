"""Session descriptions that were good once: answered or refused, and never anything else."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from aiosipua.message import SipRequest

from sip.bridge.media.address import MediaAddressError
from sip.bridge.sdp.bodies import description_in
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.encryption import Encryption
from sip.bridge.sdp.formats import ALL
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import SdpError, parse
from sip.bridge.trace.masking import without_secrets
from tests.sip.bridge.hostile import makers
from tests.sip.bridge.hostile.mutation import OF_TEXT, SEED, mutated

MUTANTS = 8_000
BODIES = tuple(
    text.encode("utf-8", "surrogateescape")
    for text in (
        makers.DESK,
        makers.EXCHANGE,
        makers.SECURE,
        makers.BROWSER,
        makers.VIDEO,
        makers.SIX,
        makers.HELD,
        makers.NAMED,
        makers.ISUP,
    )
)
KINDS = (
    "application/sdp",
    "Application/SDP; charset=utf-8",
    "multipart/mixed;boundary=unique-boundary-1",
    'multipart/alternative; boundary="unique-boundary-1"',
    "",
)


@pytest.mark.parametrize("encryption", list(Encryption))
def test_a_mutant_of_a_description_is_answered_or_refused(encryption: Encryption) -> None:
    chance, came_to = random.Random(SEED), Counter[str]()
    for _ in range(MUTANTS):
        body = mutated(BODIES, chance, OF_TEXT)
        message = SipRequest(method="INVITE", uri="sip:x@y", body=body)
        message.headers.set_single("Content-Type", chance.choice(KINDS))
        negotiation = Negotiation(Local("127.0.0.1", 20000), ALL, encryption)
        try:
            text = description_in(message)
            if text is None:
                came_to["none"] += 1
                continue
            negotiation.answer(parse(text), lambda address: True)
        except (SdpError, MediaAddressError):
            came_to["refused"] += 1
            continue
        came_to["answered"] += 1
        answer = negotiation.said.decode()
        assert answer.isprintable() or set(answer) - set("\r\n") <= set(map(chr, range(32, 127)))
        assert answer.count("\r\nm=") == sum(
            line.strip().startswith("m=") for line in text.replace("\r", "\n").split("\n")
        )
        without_secrets(bytes(message))

    assert came_to["answered"] > MUTANTS / 50
    assert came_to["refused"] > MUTANTS / 50
