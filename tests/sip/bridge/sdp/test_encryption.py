"""Which section of an offer is answered, and how, by what the trunk says of encryption."""

from __future__ import annotations

import base64

import pytest

from sip.bridge.media.srtp.suites import SUITES
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.encryption import Encryption, EncryptionError
from sip.bridge.sdp.negotiation import Agreement, Negotiation
from sip.bridge.sdp.session import SdpError, parse

OFF, ALLOWED, REQUIRED = Encryption
CM_80, GCM = "AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM"
LOCAL = Local("192.0.2.1", 20000)


def line(tag: int = 1, suite: str = CM_80, fill: int = 7, more: str = "") -> str:
    key = base64.b64encode(bytes([fill]) * SUITES[suite].octets).decode()
    return f"a=crypto:{tag} {suite} inline:{key}{more}"


def section(protocol: str, *lines: str, port: int = 40000) -> list[str]:
    return [f"m=audio {port} {protocol} 0 8 101", "a=rtpmap:101 telephone-event/8000", *lines]


def offer(*sections: list[str]) -> str:
    head = ["v=0", "o=- 1 1 IN IP4 198.51.100.7", "s=-", "c=IN IP4 198.51.100.7", "t=0 0"]
    return "\r\n".join([*head, *(text for lines in sections for text in lines), ""])


def answer(call: Negotiation, text: str) -> tuple[Agreement, list[str], list[str]]:
    """What is agreed, and the m= and crypto lines of our answer."""
    agreed = call.answer(parse(text), lambda address: None)
    said = call.said.decode().splitlines()
    media = [" ".join(text.split()[:3]) for text in said if text.startswith("m=")]
    return agreed, media, [text for text in said if text.startswith("a=crypto")]


SAVP = section("RTP/SAVP", line(3))
AVP = section("RTP/AVP", port=40002)
BEST_EFFORT = section("RTP/AVP", line(4))
FOREIGN = "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:" + "A" * 62


@pytest.mark.parametrize(
    ("encryption", "sections", "media", "tag"),
    [
        pytest.param(OFF, [AVP], ["AVP"], 0, id="plain"),
        pytest.param(OFF, [BEST_EFFORT], ["AVP"], 0, id="keys that are not wanted"),
        pytest.param(OFF, [SAVP, AVP], ["-SAVP", "AVP"], 0, id="both, and plain is meant"),
        pytest.param(ALLOWED, [AVP], ["AVP"], 0, id="allowed and plain"),
        pytest.param(ALLOWED, [SAVP], ["SAVP"], 3, id="allowed and secure"),
        pytest.param(ALLOWED, [BEST_EFFORT], ["AVP"], 4, id="allowed by keys alone"),
        pytest.param(ALLOWED, [SAVP, AVP], ["SAVP", "-AVP"], 3, id="both, secure first"),
        pytest.param(ALLOWED, [AVP, SAVP], ["-AVP", "SAVP"], 3, id="both, secure last"),
        pytest.param(
            ALLOWED,
            [section("RTP/SAVP", FOREIGN), AVP],
            ["-SAVP", "AVP"],
            0,
            id="a foreign cipher, and plain beside it",
        ),
        pytest.param(
            ALLOWED, [section("RTP/AVP", FOREIGN)], ["AVP"], 0, id="a foreign cipher, not needed"
        ),
        pytest.param(REQUIRED, [SAVP], ["SAVP"], 3, id="required"),
        pytest.param(REQUIRED, [BEST_EFFORT], ["AVP"], 4, id="required, by keys alone"),
        pytest.param(REQUIRED, [AVP, SAVP], ["-AVP", "SAVP"], 3, id="required, both"),
        pytest.param(
            REQUIRED, [section("RTP/SAVPF", line(9))], ["SAVPF"], 9, id="with feedback profile"
        ),
        pytest.param(
            REQUIRED,
            [section("RTP/SAVP", FOREIGN, line(2, more=" KDR=4"), line(5, GCM))],
            ["SAVP"],
            5,
            id="the first line that can be used",
        ),
    ],
)
def test_an_offer_is_answered_with_one_key_of_the_same_tag(
    encryption: Encryption, sections: list[list[str]], media: list[str], tag: int
) -> None:
    """And with the profile that was offered; a section that is not taken has port 0."""
    call = Negotiation(LOCAL, encryption=encryption)
    agreed, said, lines = answer(call, offer(*sections))
    wanted = [
        f"m=audio {0 if profile.startswith('-') else 20000} RTP/{profile.lstrip('-')}"
        for profile in media
    ]

    assert said == wanted
    assert [text.split(":")[1].split()[0] for text in lines] == ([str(tag)] if tag else [])
    assert (agreed.keys is None) == (tag == 0)
    if agreed.keys is not None:
        assert agreed.keys.theirs == bytes([7]) * agreed.keys.suite.octets
        assert base64.b64encode(agreed.keys.ours).decode() in lines[0]


@pytest.mark.parametrize(
    ("encryption", "sections", "why"),
    [
        pytest.param(OFF, [SAVP], "srtp: off", id="secure where it is off"),
        pytest.param(REQUIRED, [AVP], "without a=crypto", id="plain where it is required"),
        pytest.param(ALLOWED, [section("RTP/SAVP")], "without a=crypto", id="secure without keys"),
        pytest.param(
            REQUIRED, [section("RTP/AVP", FOREIGN)], "AES_256_CM_HMAC_SHA1_80", id="foreign cipher"
        ),
        pytest.param(
            REQUIRED,
            [section("RTP/SAVP", line(2, more="|1:4 UNENCRYPTED_SRTCP"))],
            "UNENCRYPTED_SRTCP",
            id="reports in the clear",
        ),
    ],
)
def test_what_cannot_be_met_is_refused_and_says_why(
    encryption: Encryption, sections: list[list[str]], why: str
) -> None:
    with pytest.raises(SdpError, match=why) as refused:
        answer(Negotiation(LOCAL, encryption=encryption), offer(*sections))

    assert isinstance(refused.value, EncryptionError) == (encryption is REQUIRED)


def test_keys_by_dtls_are_not_spoken() -> None:
    with pytest.raises(SdpError, match="UDP/TLS/RTP/SAVP is not spoken"):
        answer(Negotiation(LOCAL, encryption=ALLOWED), offer(section("UDP/TLS/RTP/SAVP")))


def test_our_key_stays_as_long_as_theirs() -> None:
    """A refresh changes nothing, not even the version; a new key of theirs is met with one of
    ours."""
    call = Negotiation(LOCAL, encryption=REQUIRED)
    first, _, _ = answer(call, offer(SAVP))
    said = call.said
    again, _, _ = answer(call, offer(SAVP))
    same = call.said
    other, _, _ = answer(call, offer(section("RTP/SAVP", line(3, fill=9))))
    assert first.keys is not None
    assert other.keys is not None

    assert again.keys == first.keys
    assert same == said
    assert other.keys.ours != first.keys.ours


@pytest.mark.parametrize(
    ("encryption", "protocol", "keys"),
    [(OFF, "RTP/AVP", 0), (ALLOWED, "RTP/AVP", 3), (REQUIRED, "RTP/SAVP", 3)],
)
def test_our_own_offer_says_what_the_trunk_says(
    encryption: Encryption, protocol: str, keys: int
) -> None:
    """Whoever may do without reads a description that it knows, with lines it may leave."""
    said = Negotiation(LOCAL, encryption=encryption).offer().decode().splitlines()
    lines = [text for text in said if text.startswith("a=crypto")]

    assert [text.split()[2] for text in said if text.startswith("m=")] == [protocol]
    assert [text.split()[0] for text in lines] == [f"a=crypto:{n}" for n in range(1, keys + 1)]
    assert len({text.split()[2] for text in lines}) == keys


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("encryption", [ALLOWED, REQUIRED])
def test_both_sides_come_to_the_same_keys(encryption: Encryption, suite: str) -> None:
    """Whichever line is taken."""
    ours, theirs = (Negotiation(local, encryption=encryption) for local in (LOCAL, LOCAL))
    body = "\r\n".join(
        text
        for text in ours.offer().decode().splitlines()
        if not text.startswith("a=crypto") or suite in text
    )
    agreed = theirs.answer(parse(body), lambda address: None)
    taken = ours.take(parse(theirs.said.decode()), lambda address: None)
    assert agreed.keys is not None
    assert taken.keys is not None

    assert taken.keys.suite.name == suite
    assert (taken.keys.ours, taken.keys.theirs) == (agreed.keys.theirs, agreed.keys.ours)


def test_an_answer_without_keys_is_plain_where_that_is_allowed() -> None:
    call = Negotiation(LOCAL, encryption=ALLOWED)
    call.offer()
    agreed = call.take(parse(offer(section("RTP/AVP"))), lambda address: None)

    assert agreed.keys is None


@pytest.mark.parametrize(
    "lines",
    [
        section("RTP/AVP"),
        section("RTP/SAVP"),
        section("RTP/SAVP", line(1, GCM)),
        section("RTP/SAVP", line(7)),
        section("RTP/SAVP", line(1, more=" UNENCRYPTED_SRTCP")),
    ],
    ids=["plain", "no key", "another cipher", "another tag", "reports in the clear"],
)
def test_an_answer_that_takes_none_of_our_keys_is_no_answer(lines: list[str]) -> None:
    """Where encryption is required; nothing has changed."""
    call = Negotiation(LOCAL, encryption=REQUIRED)
    call.offer()
    with pytest.raises(EncryptionError):
        call.take(parse(offer(lines)), lambda address: None)
    taken = call.take(parse(offer(section("RTP/SAVP", line(1)))), lambda address: None)

    assert taken.keys is not None


def test_a_late_offer_in_mid_call_keeps_profile_and_key() -> None:
    """An INVITE without a description: ours goes out as it was, with all that we know."""
    call = Negotiation(LOCAL, encryption=ALLOWED)
    first, _, lines = answer(call, offer(SAVP))
    said = call.offer().decode().splitlines()
    assert first.keys is not None

    assert [text.split()[2] for text in said if text.startswith("m=")] == ["RTP/SAVP"]
    assert lines[0].partition(" ")[2] in "\n".join(said)
