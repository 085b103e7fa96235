"""What a call must pass before it gets a place: limits, the dialplan, the trunk, a rule."""

from __future__ import annotations

from dataclasses import replace

from livekit.protocol import sip as lk

from dialplans.language.leg_capabilities import EMBEDDED
from dialplans.telephony.call import CallContext
from sip.bridge.calls.dispatch import Question
from sip.bridge.calls.house import House
from sip.bridge.calls.outcome import ChallengedError, RefusedError
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.ua.digest import DEFAULT_REALM, Login, Verdict
from sip.bridge.ua.message import Request
from sip.bridge.ua.server_transaction import ServerTransaction
from sip.bridge.ua.transport import Flow
from sip.bridge.wire import rpc_sip_pb2 as rpc

Accepted = rpc.EvaluateSIPDispatchRulesResponse


def context_of(request: Request, flow: Flow) -> CallContext:
    """The call as its INVITE tells it; `Admission.read` makes facts of it."""
    return CallContext(
        called=request.uri,
        caller=request.header("from") or "",
        source_ip=flow.peer[0],
        headers=request.all_headers(),
    )


class Door:
    """Every method raises RefusedError, with the code and reason of what is in the way."""

    def __init__(self, house: House, transaction: ServerTransaction, lk_id: str) -> None:
        self._house = house
        self._transaction = transaction
        self._request = transaction.request
        self.context = house.admission.read(context_of(transaction.request, transaction.flow))
        self._id = lk_id
        self._counted = False
        self._question = Question.of(self._request, transaction.flow, self.context, lk_id)

    def check(self) -> None:
        """What can be decided here and now."""
        self._check_limits()
        refused = self._house.admission.refusal(self.context)
        if refused is not None:
            raise RefusedError(refused.code, refused.reason, refused.because)
        beyond = self._house.admission.beyond_us(self.context)
        if beyond:
            raise _not_encrypted(beyond)
        # Counted from here on: of two calls that come together, the second sees the first.
        self._house.arrived.add(self._id)
        self._house.admission.traffic.began(replace(self.context, call_id=self._id))

    def count_attempt(self) -> None:
        """One attempt of the caller, refused or not; a challenge in between is no second one."""
        if not self._counted:
            self._counted = True
            self._house.admission.count(self.context)

    def close(self) -> None:
        """The call is over, or never came in."""
        self._house.arrived.discard(self._id)
        self._house.admission.traffic.ended(self._id)

    def _check_limits(self) -> None:
        house = self._house
        if house.draining:
            raise RefusedError(503, "draining", "the leg is being stopped")
        if house.busy >= house.settings.sip_max_calls:
            raise RefusedError(503, "limit_concurrent", f"{house.busy} calls are up")
        if house.cpu.too_busy:
            detail = f"machine {house.cpu.machine:.0%}, leg {house.cpu.process:.0%}"
            raise RefusedError(503, "busy", detail)

    async def authenticate(self) -> str:
        """The trunk's id, empty where no trunk matched."""
        try:
            trunk = await self._question.trunk(self._house.livekit)
        except RpcError as error:
            raise RefusedError(
                503, "server_away", error.message, words="Try again later"
            ) from error
        if trunk.error_code == rpc.SIP_TRUNK_AUTH_ERROR_QUOTA_EXCEEDED:
            raise RefusedError(503, "limit_concurrent", "quota")
        if trunk.error_code == rpc.SIP_TRUNK_AUTH_ERROR_NO_TRUNK_FOUND or trunk.drop:
            raise await self._no_way()
        if trunk.username and trunk.password:
            self._check_login(Login(trunk.username, trunk.password, trunk.realm or DEFAULT_REALM))
        return str(trunk.sip_trunk_id)

    def _check_login(self, login: Login) -> None:
        request, challenger = self._request, self._house.challenger
        given = request.header("proxy-authorization") or request.header("authorization")
        call_id = request.call_id
        verdict = challenger.verify(login, given, method=request.method, call_id=call_id)
        if verdict is Verdict.STALE:
            challenge = challenger.challenge(login, call_id)
            self._transaction.respond(407, headers=[("Proxy-Authenticate", challenge)])
            raise ChallengedError
        if verdict is Verdict.RIGHT:
            self._house.endpoint.peers.proved(self._transaction.flow.peer[0])
        if verdict is Verdict.WRONG:
            raise RefusedError(401, "wrong_password", "the login of the trunk does not match")

    async def dispatch(self, trunk: str) -> Accepted:
        try:
            accepted = await self._question.room(self._house.livekit, trunk)
        except RpcError as error:
            if error.code in ("unavailable", "deadline_exceeded"):
                raise RefusedError(503, "server_away", error.message) from error
            raise await self._no_way() from error
        if accepted.result in (rpc.DROP, rpc.REJECT) or not accepted.room_name:
            raise await self._no_way()
        if accepted.result == rpc.REQUEST_PIN or accepted.request_pin:
            raise RefusedError(501, "pin_unsupported", "the rule asks for a PIN")
        required = lk.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE
        if required in (accepted.media_encryption, accepted.media.encryption):
            raise _not_encrypted(EMBEDDED.cannot["srtp"]["required"])
        return accepted

    async def _no_way(self) -> RefusedError:
        """livekit-server found no trunk or rule and does not say why; its trunks do."""
        code, reason, detail = await self._house.trunks.why(
            self.context.called, self.context.caller, self._transaction.flow.peer[0]
        )
        return RefusedError(code, reason, detail)


def _not_encrypted(detail: str) -> RefusedError:
    """Better no call than one that is overheard although its trunk forbids it."""
    return RefusedError(488, "encryption_unsupported", detail, words="Encryption Not Supported")
