"""Digest authentication as server and as client."""

from __future__ import annotations

import pytest
from aiosipua.message import SipResponse

from sip.bridge.signalling.digest import NONCE_SECONDS, Challenger, Login, Verdict, answer

LOGIN = Login("carrier", "secret", "LiveKit")


class Time:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def proof(challenge: str, login: Login = LOGIN) -> str:
    response = SipResponse(status_code=407)
    response.headers.set_single("Proxy-Authenticate", challenge)
    made = answer(login, response, "INVITE", "sip:+491@192.0.2.1")
    assert made is not None
    assert made[0] == "Proxy-Authorization"
    return made[1]


def verify(challenger: Challenger, header: str | None, call_id: str = "a") -> Verdict:
    return challenger.verify(LOGIN, header, method="INVITE", call_id=call_id)


def test_who_knows_the_password_is_let_in() -> None:
    challenger = Challenger()

    assert verify(challenger, proof(challenger.challenge(LOGIN, "a"))) is Verdict.RIGHT


def test_the_plain_form_without_qop_is_understood() -> None:
    """RFC 2069, which old equipment and livekit-sip itself use."""
    challenger = Challenger()
    challenge = challenger.challenge(LOGIN, "a").replace(', qop="auth"', "")

    assert verify(challenger, proof(challenge)) is Verdict.RIGHT


def test_a_wrong_password_or_user_is_wrong() -> None:
    for login in (Login("carrier", "other", "LiveKit"), Login("other", "secret", "LiveKit")):
        challenger = Challenger()

        assert verify(challenger, proof(challenger.challenge(LOGIN, "a"), login)) is Verdict.WRONG


def test_without_credentials_the_caller_is_asked() -> None:
    assert verify(Challenger(), None) is Verdict.STALE


def test_a_proof_works_once() -> None:
    challenger = Challenger()
    header = proof(challenger.challenge(LOGIN, "a"))
    verify(challenger, header)

    assert verify(challenger, header) is Verdict.STALE


def test_a_proof_belongs_to_one_call() -> None:
    challenger = Challenger()
    header = proof(challenger.challenge(LOGIN, "a"))

    assert verify(challenger, header, "another call") is Verdict.STALE


def test_an_old_nonce_is_asked_for_anew() -> None:
    time = Time()
    challenger = Challenger(now=time)
    header = proof(challenger.challenge(LOGIN, "a"))
    time.now += NONCE_SECONDS + 1

    assert verify(challenger, header) is Verdict.STALE


def test_a_nonce_of_somebody_else_is_worth_nothing() -> None:
    header = proof(Challenger().challenge(LOGIN, "a"))

    assert verify(Challenger(), header) is Verdict.STALE


def test_nonsense_is_no_proof() -> None:
    for header in ("", "Digest", "Digest nonce=", 'Digest nonce="zz.", response="', "Basic eA=="):
        assert verify(Challenger(), header) is Verdict.STALE


def test_a_challenge_nobody_here_can_answer_is_not_answered() -> None:
    response = SipResponse(status_code=401)
    response.headers.set_single("WWW-Authenticate", 'Digest realm="x", nonce="y", algorithm=AKA')

    assert answer(LOGIN, response, "INVITE", "sip:x") is None


def test_two_challenges_of_one_second_are_both_good() -> None:
    """A telephone may ask for two things at once; each nonce works once."""
    challenger = Challenger(Time())
    proofs = [proof(challenger.challenge(LOGIN, "a")) for _ in range(2)]

    assert [verify(challenger, each) for each in proofs] == [Verdict.RIGHT, Verdict.RIGHT]
    assert [verify(challenger, each) for each in proofs] == [Verdict.STALE, Verdict.STALE]


def test_every_algorithm_that_is_offered_is_understood() -> None:
    """Any of them, and the better one is offered first."""
    challenger = Challenger()
    offered = [challenger.challenges(LOGIN, "a")[n] for n in range(2)]

    assert [each.rpartition("=")[2] for each in offered] == ["SHA-256", "MD5"]
    assert [verify(challenger, proof(each)) for each in offered] == [Verdict.RIGHT] * 2


@pytest.mark.parametrize("nonce", ["", ".", "..", "zz.aa.bb", "5f.é.x", "-1.a.b", "5f"])
def test_a_nonce_that_is_not_ours_is_asked_for_again(nonce: str) -> None:
    made = f'Digest username="carrier", realm="LiveKit", nonce="{nonce}", uri="sip:x", response="0"'

    assert verify(Challenger(), made) is Verdict.STALE
