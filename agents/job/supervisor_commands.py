"""Commands of supervisors and desks to this call, signed by the gateway."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
import structlog
from livekit import rtc
from livekit.agents import AgentSession

from agents.call.state import CallState
from agents.personas.persona import Persona
from agents.stages.music import melody
from agents.stages.stage import Stage
from agents.stages.takeover import fall_silent, speak_again
from dialplans.contracts.actor import Actor
from dialplans.contracts.causes import EndCause
from dialplans.contracts.control import METHOD, BadCommandError, Command, Operation, Reply, unseal
from dialplans.model import Action, PlaceKind, action

log = structlog.get_logger(__name__)

REMEMBERED = 200
"""Nonces kept to refuse a command that is played back; more than come within its half minute."""


class SupervisorCommands:
    """One for each call; `register` puts it on LiveKit's RPC."""

    def __init__(self, session: AgentSession[CallState], secret: str) -> None:
        self.session = session
        self.call = session.userdata
        self._secret = secret
        self._seen: list[str] = []
        self._holding = False
        self._room: rtc.Room | None = None
        self._operations: dict[str, Callable[[Command], Awaitable[str]]] = {
            Operation.PING: self._ping,
            Operation.TAKEOVER: self._takeover,
            Operation.GIVEBACK: self._giveback,
            Operation.COACH: self._coach,
            Operation.SAY: self._say,
            Operation.TRANSFER: self._transfer,
            Operation.HANGUP: self._hangup,
            Operation.HOLD: self._hold,
            Operation.UNHOLD: self._unhold,
        }

    def register(self, room: rtc.Room) -> None:
        self._room = room
        room.local_participant.register_rpc_method(METHOD, self._rpc)

    async def _rpc(self, data: rtc.RpcInvocationData) -> str:
        return msgspec.json.encode(await self.answer(data.payload)).decode()

    async def answer(self, payload: str) -> Reply:
        """Does it and says how the call is now. Nobody learns why a bad command was bad."""
        try:
            command = unseal(payload, self._secret, self.call.id)
        except BadCommandError as error:
            log.warning("control.refused", why=str(error))
            return Reply(ok=False, detail="refused")
        if command.nonce and command.nonce in self._seen:
            return Reply(ok=False, detail="refused")
        self._seen = [*self._seen[-REMEMBERED:], command.nonce]
        operation = self._operations.get(command.op)
        if operation is None:
            return Reply(ok=False, detail=f"unknown operation {command.op}", state=self.state())
        try:
            detail = await operation(command)
        except ImpossibleError as error:
            return Reply(ok=False, detail=str(error), state=self.state())
        log.info("control.done", op=command.op, who=command.who)
        return Reply(ok=True, detail=detail, state=self.state())

    def state(self) -> dict[str, str]:
        pause = self.call.pause
        return {
            "place": str(self.call.engine.place),
            "who": pause.who if pause else "",
            "held": "yes" if self._holding else "",
            "summary": self.call.summary(),
        }

    @property
    def stage(self) -> Stage:
        stage = self.session.current_agent
        assert isinstance(stage, Stage)
        return stage

    async def _ping(self, command: Command) -> str:
        return ""

    async def _takeover(self, command: Command) -> str:
        if self.call.ending is not None:
            raise ImpossibleError("the call is ending")
        before = self.stage.place
        person = Actor.of_console(command.who)
        await fall_silent(self.session, person)
        self.call.tell_handover(before, str(person), command.text)
        return self.call.summary()

    async def _giveback(self, command: Command) -> str:
        if self.call.pause is None:
            raise ImpossibleError("the AI has the call already")
        frm = str(self.call.pause.by)
        if self._room is not None:
            self.call.gave_back.update(self._room.remote_participants)
        await speak_again(self.session, command.text)
        self.call.tell_handover(frm, str(self.call.engine.place), "given back")
        return ""

    async def _coach(self, command: Command) -> str:
        """A persona with a language model follows the words. The intent flow cannot, and then
        nothing at all comes of them: they were not meant for the caller."""
        persona, text = self._persona_for(command)
        if not persona.coachable:
            raise ImpossibleError(
                "this AI follows a fixed flow and takes no instructions; nothing was said"
            )
        self.session.generate_reply(instructions=text)
        return ""

    async def _say(self, command: Command) -> str:
        """The caller hears the sentence in the persona's voice, and the record says who had it
        said."""
        persona, text = self._persona_for(command)
        said = " ".join(text.split())
        self.call.conversation.behalf.append((said, str(Actor.of_console(command.who))))
        persona.speak(said)
        return ""

    def _persona_for(self, command: Command) -> tuple[Persona, str]:
        """The persona that has the call, and the words for it."""
        if self.call.pause is not None:
            raise ImpossibleError(f"{self.call.pause.who} has the call, not the AI")
        if self.call.ending is not None:
            raise ImpossibleError("the call is ending")
        if not isinstance(self.stage, Persona):
            raise ImpossibleError(f"{self.stage.place} has the call, not a persona")
        if not command.text.strip():
            raise ImpossibleError("nothing to say")
        return self.stage, command.text

    async def _transfer(self, command: Command) -> str:
        there = self._destination(command.to)
        if self.call.pause is not None:
            self.call.pause = None
            self.session.options.preemptive_generation["enabled"] = True
            self.session.output.set_audio_enabled(True)
            self.call.guard_sound()
        self.call.send_to(there, command.who)
        self.stage.go(self.stage.follow(reason=f"sent by {command.who}"))
        return str(self.call.engine.place)

    def _destination(self, text: str) -> Action:
        """`persona billing`, `queue support`: a part of the plan this call began with."""
        kind, _, name = text.partition(" ")
        if name not in self.call.plan.parts.get(kind, {}):
            raise ImpossibleError(f"the plan has no '{text}'")
        return action(PlaceKind(kind), name)

    async def _hangup(self, command: Command) -> str:
        self.call.ending = EndCause.PERSON_HUNG_UP
        await self.call.services.control.hang_up(EndCause.PERSON_HUNG_UP)
        return ""

    async def _hold(self, command: Command) -> str:
        """The person is away for a moment: music, so that the line is not dead."""
        if self.call.pause is None:
            raise ImpossibleError("only a person can put a caller on hold")
        if not self._holding:
            self._holding = True
            self.session.output.set_audio_enabled(True)
            self.stage.spawn(self._music())
        return ""

    async def _unhold(self, command: Command) -> str:
        if not self._holding:
            raise ImpossibleError("the caller is not on hold")
        self._holding = False
        await self.session.interrupt(force=True)
        self.session.output.set_audio_enabled(self.call.pause is None)
        return ""

    async def _music(self) -> None:
        while self._holding and self.call.pause is not None:
            handle = self.session.say("", audio=melody(), add_to_chat_ctx=False)
            await handle.wait_for_playout()


class ImpossibleError(Exception):
    """The command means nothing in the state the call is in; the sentence is for its sender."""
