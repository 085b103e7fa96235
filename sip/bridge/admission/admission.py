"""What a call must pass before it gets a place: limits, the dialplan, the trunk, a rule."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from dialplans.contracts.causes import RefusalReason
from dialplans.model import TELEPHONES
from dialplans.telephony.call import CallContext
from sip.bridge.admission.calling_telephones import CallingTelephones, Proof
from sip.bridge.admission.capacity import Capacity
from sip.bridge.admission.dispatch import DispatchQuery
from sip.bridge.admission.encryption import of_livekit, of_trunk
from sip.bridge.admission.plan_policy import PlanPolicy, hears_tones
from sip.bridge.admission.refusal_reason import InboundTrunks
from sip.bridge.admission.refused import ChallengedError, RefusedError
from sip.bridge.admission.shared_limits import SharedLimits
from sip.bridge.admission.trunk_login import TrunkLogins
from sip.bridge.psrpc.client import Client
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.sdp.encryption import Encryption
from sip.bridge.signalling.digest import DEFAULT_REALM, Challenger, Login, Verdict
from sip.bridge.signalling.message import Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.transport.flow import Flow
from sip.bridge.transport.guard import Guard
from sip.bridge.transport.peers import Standing
from sip.bridge.wire import rpc_sip_pb2 as rpc

TOLD_TO_ALL = frozenset(
    (
        RefusalReason.DRAINING,
        RefusalReason.BUSY,
        RefusalReason.LIMIT_CONCURRENT,
        RefusalReason.SERVER_AWAY,
        RefusalReason.WRONG_PASSWORD,
    )
)
"""Reasons that say nothing about a number."""

Accepted = rpc.EvaluateSIPDispatchRulesResponse


def context_of(request: Request, flow: Flow, trunk: str | None = None) -> CallContext:
    """The call as its INVITE tells it; `PlanPolicy.read` makes facts of it. `trunk` has the account
    that it came to."""
    return CallContext(
        called=request.uri,
        caller=request.header("from") or "",
        trunk=trunk,
        source_ip=flow.peer[0],
        headers=request.all_headers(),
    )


@dataclass(frozen=True)
class AdmissionServices:
    """What every call that wants in is judged by."""

    capacity: Capacity
    policy: PlanPolicy
    livekit: Client
    """Calls to livekit-server's IOInfo."""
    trunks: InboundTrunks
    logins: TrunkLogins
    guard: Guard
    account_of: Callable[[Request, Flow], str | None] = lambda request, flow: None
    """The trunk whose registered account a call came to."""
    telephones: CallingTelephones | None = None
    """The company's own that may call."""
    shared: SharedLimits | None = None
    """What all legs on one Redis count together."""
    challenger: Challenger = field(default_factory=Challenger)


class Admission:
    """Every method raises RefusedError, with the code and reason of what is in the way."""

    def __init__(
        self, services: AdmissionServices, transaction: ServerTransaction, lk_id: str
    ) -> None:
        self._services = services
        self._transaction = transaction
        self._request = transaction.request
        request, flow = transaction.request, transaction.flow
        account = services.account_of(request, flow)
        self.context = services.policy.read(context_of(request, flow, account))
        self._telephone = None if account else self._telephone_that_calls()
        self._id = lk_id
        self.login: Login | None = None
        """What the caller had to prove."""
        self._counted = self._shared = False
        self._trunk = None if self._telephone else services.policy.trunk(self.context)
        self._query = DispatchQuery.of(request, flow, self.context, lk_id)

    def _telephone_that_calls(self) -> str | None:
        """One of the company's, whose name the call bears. Where its address may send calls to the
        number anyway, it need prove nothing."""
        services, request = self._services, self._request
        name = services.telephones.named(request) if services.telephones is not None else None
        if name is None or services.policy.lets_in_by_address(self.context):
            return None
        read = services.policy.read(context_of(request, self._transaction.flow, TELEPHONES))
        self.context = replace(read, caller=name, asserted="")
        return name

    def _prove_telephone(self, name: str) -> None:
        telephones, transaction = self._services.telephones, self._transaction
        assert telephones is not None
        match telephones.prove(transaction, name):
            case Proof.ASKED:
                raise ChallengedError
            case Proof.WRONG:
                detail = f"the password of the telephone {name} does not match"
                raise RefusedError(401, RefusalReason.WRONG_PASSWORD, detail)
        self.login = telephones.login(name, transaction.flow.peer[0])

    def check(self) -> None:
        """What can be decided here and now."""
        self._services.capacity.check()
        if self._telephone is not None:
            self._prove_telephone(self._telephone)
        refused = self._services.policy.refusal(self.context)
        if refused is not None:
            raise RefusedError(refused.code, refused.reason, refused.because)
        self._check_transport()
        # Counted from here on: of two calls that come together, the second sees the first.
        self._services.capacity.arrived.add(self._id)
        self._services.policy.traffic.began(self._as_counted)

    async def told(self, refused: RefusedError) -> RefusedError:
        """What whoever calls is told of a refusal. Somebody on no trunk does not learn which
        numbers there are, how busy they are or who may call them: like everybody there, they are
        asked for a password first. Raises ChallengedError when they are."""
        host = self._transaction.flow.peer[0]
        stranger = self._services.guard.peers.standing(host) is Standing.STRANGER
        if not stranger or refused.reason in TOLD_TO_ALL:
            return refused
        try:
            self._check_login(await self._login() or Login("", secrets.token_hex()))
        except RefusedError:
            return RefusedError(401, refused.reason, refused.detail)
        return refused

    def _check_transport(self) -> None:
        """Better no call than one that is overheard although its trunk forbids it."""
        flow = self._transaction.flow
        if self._trunk is not None and self._trunk.transport == "tls" and not flow.secure:
            raise RefusedError(
                488,
                RefusalReason.ENCRYPTION_UNSUPPORTED,
                f"its trunk takes calls by TLS, and this one came by {flow.name}",
                words="Encryption Not Supported",
            )

    @property
    def encryption(self) -> Encryption | None:
        """What the trunk in the plan says of the sound; None where that does not know it. The
        company's own telephones have it as they like."""
        return Encryption.ALLOWED if self._telephone is not None else of_trunk(self._trunk)

    @property
    def tones(self) -> bool:
        """Whether keys come as tones in the sound, too."""
        return hears_tones(self._trunk)

    def encryption_of(self, accepted: Accepted) -> Encryption:
        """The plan's word, or else that of LiveKit's trunk and rule."""
        return self.encryption or of_livekit(accepted.media_encryption, accepted.media.encryption)

    def count_attempt(self) -> None:
        """One attempt of the caller, refused or not; a challenge in between is no second one."""
        if not self._counted:
            self._counted = True
            self._services.policy.count(self.context)
            plan, shared = self._services.policy.plan, self._services.shared
            if shared is not None and plan is not None and not self._shared:
                shared.asked(plan, self._as_counted)

    def close(self) -> None:
        """The call is over, or never came in."""
        self._services.capacity.arrived.discard(self._id)
        self._services.policy.traffic.ended(self._id)
        if self._services.shared is not None:
            self._services.shared.ended(self._id)

    @property
    def _as_counted(self) -> CallContext:
        return replace(self.context, call_id=self._id)

    async def within_shared_limits(self) -> None:
        """Those of the plan, over all legs. Asked last, since strangers should not cost that."""
        shared, ready = self._services.shared, self._services.policy.ready
        if shared is None or ready is None:
            return
        self._shared = True
        refused = await shared.refusal(ready, self._as_counted)
        if refused is not None:
            raise RefusedError(refused.code, refused.reason, refused.because)

    async def authenticate(self) -> str:
        """The trunk's id, empty where no trunk matched."""
        try:
            trunk = await self._query.trunk(self._services.livekit)
        except RpcError as error:
            raise RefusedError(
                503, RefusalReason.SERVER_AWAY, error.message, words="Try again later"
            ) from error
        if trunk.error_code == rpc.SIP_TRUNK_AUTH_ERROR_QUOTA_EXCEEDED:
            raise RefusedError(503, RefusalReason.LIMIT_CONCURRENT, "quota")
        if trunk.error_code == rpc.SIP_TRUNK_AUTH_ERROR_NO_TRUNK_FOUND or trunk.drop:
            raise await self._no_way()
        if trunk.username and trunk.password and self._telephone is None:
            self.login = Login(trunk.username, trunk.password, trunk.realm or DEFAULT_REALM)
            self._check_login(self.login)
        return str(trunk.sip_trunk_id)

    async def _login(self) -> Login | None:
        """Of the trunk that has the number, if there is one with a login."""
        try:
            trunk = await self._query.trunk(self._services.livekit)
        except RpcError:
            return None
        if not (trunk.username and trunk.password):
            return None
        return Login(trunk.username, trunk.password, trunk.realm or DEFAULT_REALM)

    def _check_login(self, login: Login) -> None:
        request, challenger = self._request, self._services.challenger
        given = request.header("proxy-authorization") or request.header("authorization")
        call_id, host = request.call_id, self._transaction.flow.peer[0]
        guard, now = self._services.guard, time.monotonic()
        if given is not None and not guard.may_prove(host, now):
            detail = "its address gave too many wrong passwords, and has another try in a while"
            raise RefusedError(401, RefusalReason.WRONG_PASSWORD, detail)
        verdict = challenger.verify(login, given, method=request.method, call_id=call_id)
        if verdict is Verdict.STALE:
            challenge = challenger.challenge(login, call_id)
            self._transaction.respond(407, headers=[("Proxy-Authenticate", challenge)])
            raise ChallengedError
        if verdict is Verdict.RIGHT:
            guard.peers.proved(host)
        if verdict is Verdict.WRONG:
            guard.wrong_password(host, now)
            detail = "the login of the trunk does not match"
            raise RefusedError(401, RefusalReason.WRONG_PASSWORD, detail)

    async def dispatch(self, trunk: str) -> Accepted:
        try:
            accepted = await self._query.room(self._services.livekit, trunk)
        except RpcError as error:
            if error.code in ("unavailable", "deadline_exceeded"):
                raise RefusedError(503, RefusalReason.SERVER_AWAY, error.message) from error
            raise await self._no_way() from error
        if accepted.result in (rpc.DROP, rpc.REJECT) or not accepted.room_name:
            raise await self._no_way()
        if accepted.result == rpc.REQUEST_PIN or accepted.request_pin:
            raise RefusedError(501, RefusalReason.PIN_UNSUPPORTED, "the rule asks for a PIN")
        return accepted

    async def _no_way(self) -> RefusedError:
        """livekit-server found no trunk or rule and does not say why; its trunks do."""
        code, reason, detail = await self._services.trunks.why(
            self.context.called, self.context.caller, self._transaction.flow.peer[0]
        )
        return RefusedError(code, reason, detail)
