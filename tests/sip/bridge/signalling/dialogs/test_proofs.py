"""Whoever is on a request's way may ask for a password, several of them each for its own."""

from __future__ import annotations

import pytest
from aiosipua.headers import parse_auth
from aiosipua.message import SipResponse

from sip.bridge.signalling.dialogs.proofs import Proof, Proofs
from sip.bridge.signalling.digest import Login

LOGIN = Login("us", "ours")


def asks(*challenges: str, code: int = 407) -> SipResponse:
    made = SipResponse(status_code=code, reason_phrase="Prove it")
    name = "Proxy-Authenticate" if code == 407 else "WWW-Authenticate"
    for challenge in challenges:
        made.headers.append(name, f"Digest {challenge}")
    return made


def add(proofs: Proofs, response: SipResponse) -> Proof:
    return proofs.add(LOGIN, response, "INVITE", "sip:them@192.0.2.1")


def given(proofs: Proofs) -> list[tuple[str, str, str]]:
    """Header, realm and nonce of each."""
    found = [(name, parse_auth(value).params) for name, value in proofs.headers]
    return [(name, params["realm"], params["nonce"]) for name, params in found]


def test_two_realms_that_ask_at_once_are_both_answered() -> None:
    """A proxy that has forked the INVITE passes on what each of its branches asked for."""
    proofs = Proofs()
    found = add(proofs, asks('realm="a", nonce="1"', 'realm="b", nonce="2", algorithm=SHA-256'))

    assert found is Proof.NEW
    assert given(proofs) == [
        ("Proxy-Authorization", "a", "1"),
        ("Proxy-Authorization", "b", "2"),
    ]


def test_proxies_that_ask_one_after_the_other_are_all_answered() -> None:
    """The first proof is not forgotten when the second is asked for, by whatever header."""
    proofs = Proofs()
    found = [
        add(proofs, asks('realm="a", nonce="1"')),
        add(proofs, asks('realm="b", nonce="2"')),
        add(proofs, asks('realm="a", nonce="3"', code=401)),
    ]

    assert set(found) == {Proof.NEW}
    assert given(proofs) == [
        ("Proxy-Authorization", "a", "1"),
        ("Proxy-Authorization", "b", "2"),
        ("Authorization", "a", "3"),
    ]


def test_of_one_realm_the_first_algorithm_that_is_known_is_taken() -> None:
    proofs = Proofs()
    many = ("AKAv1-MD5", "SHA-512-256", "MD5-sess", "SHA-256", "MD5")
    add(proofs, asks(*(f'realm="a", nonce="{name}", algorithm={name}' for name in many)))

    assert given(proofs) == [("Proxy-Authorization", "a", "SHA-256")]


@pytest.mark.parametrize("more", ["", ', realm="b"'])
def test_who_asks_again_has_refused(more: str) -> None:
    """Also where somebody else asks for the first time beside it."""
    proofs = Proofs()
    add(proofs, asks('realm="a", nonce="1"'))
    others = [f'nonce="3"{more}'] if more else []

    assert add(proofs, asks('realm="a", nonce="2"', *others)) is Proof.REFUSED


def test_a_nonce_that_was_only_too_old_is_proved_again() -> None:
    proofs = Proofs()
    add(proofs, asks('realm="a", nonce="1"', 'realm="b", nonce="1"'))
    again = add(proofs, asks('realm="a", nonce="2", stale=TRUE'))

    assert again is Proof.NEW
    assert given(proofs) == [("Proxy-Authorization", "a", "2"), ("Proxy-Authorization", "b", "1")]


@pytest.mark.parametrize("challenge", ['realm="a", nonce="1", qop="auth-int"', 'realm="a"'])
def test_what_nobody_here_can_answer_is_impossible(challenge: str) -> None:
    assert add(Proofs(), asks(challenge)) is Proof.IMPOSSIBLE
    assert Proofs().add(None, asks('realm="a", nonce="1"'), "BYE", "sip:x") is Proof.IMPOSSIBLE
