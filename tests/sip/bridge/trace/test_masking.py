"""What never gets into a record, however it is written."""

from __future__ import annotations

import pytest

from sip.bridge.trace.masking import HIDDEN, without_secrets

SECRET = "s3cr3tvalue"


def message(*headers: str, method: str = "INVITE", body: str = "", end: str = "\r\n") -> bytes:
    lines = [f"{method} sip:+4420@here SIP/2.0", f"CSeq: 1 {method}", *headers]
    return (end.join(lines) + end + end + body).encode()


@pytest.mark.parametrize(
    "header",
    [
        f'Authorization: Digest username="ann", realm="here", response="{SECRET}"',
        f'AUTHORIZATION : Digest response="{SECRET}"',
        f'Proxy-Authorization:Digest realm="here",\r\n\t response="{SECRET}"',
        f"Authorization:\r\n Digest\r\n response={SECRET}",
        f"Authorization: Basic {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f'Authentication-Info: rspauth="{SECRET}"',
        f"X-Api-Key: {SECRET}",
        f"X-Auth-Token: {SECRET}",
        f"P-Session-Cookie: {SECRET}",
        f"Contact: <sip:ann:{SECRET}@203.0.113.5>",
        f"Contact: <sips:ann:{SECRET}@203.0.113.5:5061;transport=tls>",
        f"Refer-To: <sip:bob@here?Authorization=Digest%20{SECRET}>",
        f"Refer-To: <sip:bob@here?Subject=x&Proxy-Authorization={SECRET}>",
        f"Refer-To: <tel:+4420;postd={SECRET}>",
    ],
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_credentials_are_hidden(header: str, end: str) -> None:
    """By any spelling of the name, folded, and in addresses."""
    shown = without_secrets(message(header.replace("\r\n", end), "To: <sip:bob@here>", end=end))

    assert SECRET not in shown
    assert HIDDEN in shown
    assert "To: <sip:bob@here>" in shown


def test_of_a_proof_it_is_kept_whom_it_is_for() -> None:
    proof = 'Authorization: Digest username="ann", realm="my house", algorithm=SHA-256, nonce="n"'

    shown = without_secrets(message(proof))

    assert f'Authorization: Digest {HIDDEN}, realm="my house", algorithm=SHA-256' in shown


def test_a_challenge_is_no_secret() -> None:
    challenge = 'WWW-Authenticate: Digest realm="here", nonce="abc"'

    assert challenge in without_secrets(message(challenge))


@pytest.mark.parametrize(
    "line",
    [
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{SECRET}|2^20|1:4",
        f"a=crypto:2 AEAD_AES_128_GCM INLINE:{SECRET}",
        f"a=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_32 inline:{SECRET}",
        f"a=key-mgmt:mikey {SECRET}",
        f"k=base64:{SECRET}",
        f" k = clear:{SECRET}",
        f"a=ice-pwd:{SECRET}",
        f"A=Crypto:1 X inline:{SECRET}",
    ],
)
def test_keys_of_encryption_are_hidden_and_the_rest_of_the_description_is_not(line: str) -> None:
    body = f"v=0\r\nm=audio 4000 RTP/SAVP 0 8\r\n{line}\r\na=sendrecv\r\n"
    for kind in ("application/sdp", "multipart/mixed;boundary=x", "text/plain"):
        shown = without_secrets(message(f"Content-Type: {kind}", body=body))

        assert SECRET not in shown
        assert "m=audio 4000 RTP/SAVP 0 8\r\n" in shown
        assert "a=sendrecv" in shown


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/dtmf-relay", "Signal=7\r\nDuration=160\r\n"),
        ("application/dtmf-relay", "Signal = 7\nDuration = 160"),
        ("application/dtmf", "7"),
        ("Application/DTMF", "7\r\n"),
        ("application/vnd.nortelnetworks.digits", "p=Digit-Collection\r\nd=7\r\n"),
        ("text/whatever", "the key was 7"),
        ("application/x-sealed", "<key>7</key>"),
    ],
)
def test_keys_that_were_pressed_are_hidden(kind: str, body: str) -> None:
    for name in ("Content-Type", "c"):
        shown = without_secrets(message(f"{name}: {kind}", method="INFO", body=body))
        _, _, kept = shown.partition("\r\n\r\n")

        assert "7" not in kept
        assert HIDDEN in kept


def test_of_a_key_it_is_kept_how_long_it_was_held() -> None:
    shown = without_secrets(message(method="INFO", body="Signal=7\r\nDuration=160\r\n"))

    assert shown.endswith(f"Signal={HIDDEN}\r\nDuration=160\r\n")


def test_keys_in_the_reports_of_other_methods_are_hidden() -> None:
    """RFC 4730 reports what was pressed by NOTIFY."""
    body = '<?xml version="1.0"?><kpml-response code="200" digits="4711"/>'
    kpml = "Content-Type: application/kpml-response+xml"

    assert "4711" not in without_secrets(message(kpml, method="NOTIFY", body=body))
    assert "4711" not in without_secrets(message(method="NOTIFY", body=body))


@pytest.mark.parametrize(
    "headers",
    [
        ["Content-Type: application/sdp", "Content-Encoding: gzip"],
        ["Content-Type: application/sdp", "e: deflate"],
        ["Content-Type: application/sdp", "Content-Transfer-Encoding: base64"],
    ],
)
def test_what_cannot_be_looked_into_is_not_kept(headers: list[str]) -> None:
    shown = without_secrets(message(*headers, body=SECRET))

    assert SECRET not in shown
    assert "(11 octets of application/sdp, not kept)" in shown


def test_a_part_of_a_body_that_is_encoded_is_not_kept() -> None:
    body = f"--x\r\nContent-Transfer-Encoding: base64\r\n\r\n{SECRET}\r\n--x--\r\n"

    assert SECRET not in without_secrets(message("Content-Type: multipart/mixed", body=body))


def test_a_body_of_bytes_is_named_and_not_shown() -> None:
    raw = message("Content-Type: application/isup") + bytes(range(40))

    assert without_secrets(raw).endswith("(40 octets of application/isup, not kept)")


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\n", b"\xff\xfe", b"INVITE", bytes(3000), b"a:" * 999]
)
def test_nonsense_is_no_error(raw: bytes) -> None:
    assert isinstance(without_secrets(raw), str)


@pytest.mark.parametrize(
    "piece",
    [
        b"sip:",
        b"sip:a:",
        b'digits="',
        b"digits='",
        b"inline:",
        b";postd=",
        b"; ",
        b'realm="',
        b"a=crypto:",
        b"?authorization=",
        b"signal\n",
        b"k= \n",
        b"Authorization: x\n",
    ],
)
def test_no_message_takes_long_to_read(piece: bytes) -> None:
    """What is tried at each place must not look far, or this would take until tomorrow."""
    much = piece * (200_000 // len(piece))

    for start in (b"INVITE sip:a SIP/2.0\r\nX: ", b"INVITE sip:a SIP/2.0\r\n\r\n"):
        assert without_secrets(start + much).startswith("INVITE sip:a SIP/2.0\r\n")
