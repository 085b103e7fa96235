"""What happens in a session, as events for the record and as silence or noise for the stage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
import structlog
from livekit.agents import (
    AgentSession,
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    ErrorEvent,
    FunctionToolsExecutedEvent,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
    llm,
)

from agents.call.audio_redaction import CALLER, OURS
from agents.call.masking import Sentence
from agents.call.state import CallState
from agents.call.tool_events import tell_tool
from agents.stages.stage import Stage
from dialplans.contracts.events import Heard, Problem, Said, Turn
from dialplans.contracts.words import Source
from dialplans.process.background import Tasks

log = structlog.get_logger(__name__)

HOLD_S = 5.0
"""So long the next half of a number is waited for."""
SAID_WITHIN_S = 0.5


class SessionEvents:
    """Listens to one session from its start to its end."""

    def __init__(self, session: AgentSession[CallState]) -> None:
        self.session = session
        self.call = session.userdata
        self.turns = 0
        self.on_said: Callable[[float], None] = lambda began: None
        """Called with the moment at which a sentence of ours began, once it was said to its end."""
        self.caller_away = False
        """Their line to the room broke: it is not they who are silent."""
        self._last_word: float | None = None
        self._stt_s: float | None = None
        self._held: list[tuple[Sentence, str, datetime]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._tasks = Tasks("session_events.failed")
        session.on("user_input_transcribed", self._transcribed)
        session.on("conversation_item_added", self._added)
        session.on("function_tools_executed", self._tools)
        session.on("user_state_changed", self._user)
        session.on("agent_state_changed", self._agent)
        session.on("user_transcription_timeout", self._noise)
        session.on("error", self._error)

    @property
    def stage(self) -> Stage | None:
        try:
            stage = self.session.current_agent
        except RuntimeError:
            return None
        return stage if isinstance(stage, Stage) else None

    def _head(self) -> dict[str, Any]:
        return {"call": self.call.id, "source": Source.AGENT}

    def _transcribed(self, event: UserInputTranscribedEvent) -> None:
        text = event.transcript.strip()
        if not text:
            return
        language = str(event.language) if event.language else self.call.language
        if event.is_final:
            sentence = self.call.masking.to_tell(text)
            speaking = self.session.user_state == "speaking"
            self.call.audio_redaction.sentence(sentence, speaking=speaking)
            self._tell_in_turn(sentence, language)
        elif not self.call.sealed:
            part = self.call.masking.part(text)
            self.call.tell(Heard(**self._head(), text=part, final=False, language=language))

    def _tell_in_turn(self, sentence: Sentence, language: str) -> None:
        """Digits at the end of a sentence are told once it is known what they belong to."""
        self._held.append((sentence, language, datetime.now(UTC)))
        if self._timer is not None:
            self._timer.cancel()
        if self.call.masking.may_go_on(sentence):
            self._timer = asyncio.get_running_loop().call_later(HOLD_S, self.tell_held)
        else:
            self.tell_held()

    def tell_held(self) -> None:
        """Whatever waits for its next sentence: none comes, or it came."""
        held, self._held = self._held, []
        for sentence, language, at in held:
            self.call.audio_redaction.end(sentence, secret=sentence.secret)
            self.call.tell(
                Heard(
                    **self._head(),
                    at=at,
                    text=sentence.masked,
                    language=language,
                    asked=sentence.asked,
                )
            )

    def _added(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage) or not item.text_content:
            return
        if item.role == "assistant":
            stage = self.stage
            began = item.metrics.get("started_speaking_at") if item.metrics else None
            at = datetime.fromtimestamp(began, UTC) if began else datetime.now(UTC)
            if not item.interrupted:
                self.on_said(item.created_at)
            if self.call.masking.repeats(item.text_content):
                self.call.audio_redaction.end(OURS, secret=True)
            self.call.tell(
                Said(
                    **self._head(),
                    at=at,
                    speaker=stage.name or stage.kind if stage else "",
                    text=item.text_content,
                    interrupted=item.interrupted,
                    behalf=self.call.conversation.on_whose_behalf(item.text_content),
                )
            )
        elif item.role == "user" and item.metrics:
            self._stt_s = item.metrics.get("transcription_delay")
        self.call.changed()

    def _turn(self, gap_s: float) -> None:
        """From the caller's last word, as the voice detector dates it, to our first sound."""
        self.turns += 1
        stt_ms, self._stt_s = _ms(self._stt_s), None
        self.call.tell(Turn(**self._head(), gap_ms=round(gap_s * 1000, 1), stt_ms=stt_ms))

    def _tools(self, event: FunctionToolsExecutedEvent) -> None:
        for call, output in zip(event.function_calls, event.function_call_outputs, strict=False):
            tell_tool(
                self.call,
                call.name,
                _arguments(call.arguments),
                result=output.output if output else "",
                ok=not (output and output.is_error),
            )

    def _user(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "listening" and event.old_state == "speaking":
            self._last_word = event.created_at if self.call.pause is None else None
        if event.new_state == "speaking":
            self._last_word = None
            self.call.audio_redaction.begins(CALLER, event.created_at)
        elif event.old_state == "speaking":
            self.call.audio_redaction.stops()
        if event.new_state == "away":
            self._tasks.spawn(self._silent())

    async def _silent(self) -> None:
        stage = self.stage
        if stage is None or self.call.ending is not None:
            return
        if self.call.pause is None and not self.caller_away:
            self.call.conversation.silences += 1
            await stage.on_silence(self.call.conversation.silences)
        if self.session.current_speech is None and self.call.ending is None:
            self.session.reset_away_timer()

    def _agent(self, event: AgentStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self.call.audio_redaction.begins(OURS, event.created_at)
        elif event.old_state == "speaking":
            # What was said is told a moment after it ended.
            asyncio.get_running_loop().call_later(
                SAID_WITHIN_S, partial(self.call.audio_redaction.end, OURS, secret=False)
            )
        if event.new_state == "speaking" and self._last_word is not None:
            stage = self.stage
            if stage is not None and stage.answers:
                self._turn(event.created_at - self._last_word)
            self._last_word = None
        # After a prompt into the silence the session would not look again by itself.
        if event.new_state == "listening" and self.session.user_state == "away":
            self.session.reset_away_timer()

    def _noise(self, _: Any) -> None:
        stage = self.stage
        if stage is not None and self.call.pause is None and self.call.ending is None:
            self._tasks.spawn(stage.on_noise())

    def _error(self, event: ErrorEvent) -> None:
        error = getattr(event.error, "error", event.error)
        what = f"{getattr(event.error, 'type', 'error').removesuffix('_error')}_error"
        log.warning("session.error", what=what, error=repr(error))
        self.call.tell(Problem(**self._head(), what=what, detail=str(error)[:300]))
        stage = self.stage
        unheard = what == "llm_error" and not getattr(event.error, "recoverable", False)
        if stage is not None and unheard and self.call.pause is None and self.call.ending is None:
            self._tasks.spawn(stage.failed())


def _ms(seconds: Any) -> float | None:
    return round(seconds * 1000, 1) if isinstance(seconds, int | float) else None


def _arguments(raw: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(raw or "{}", type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}
