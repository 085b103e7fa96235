"""The language model of a machine without one: intent → tool or sentence, always the same.

It is also what the caller gets when a cloud model fails or hangs. It invents nothing: what is not
in the persona's intents file is not understood, and the persona is told so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from livekit.agents import APIConnectionError, llm, utils
from livekit.agents.types import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectOptions,
    NotGivenOr,
)

from agents.speech.client.client import SpeechClient
from agents.speech.client.matching import Act, Before, choose
from agents.speech.intents.intents import IntentSet
from agents.speech.intents.questions import asks
from dialplans.contracts.speech_wire import SpeechFailedError, SpeechGoneError
from dialplans.speech.language import base_language

log = structlog.get_logger(__name__)

SORRY = {
    "en": "I'm sorry, I didn't understand that.",
    "de": "Das habe ich leider nicht verstanden.",
}
HELLO = {"en": "How can I help you?", "de": "Wie kann ich Ihnen helfen?"}


class FlowLLM(llm.LLM[Any]):
    """One for each persona, since each has its own intents. Holds no state of a call: what was
    asked last is read from the chat context, so it can take over in the middle of one."""

    def __init__(
        self,
        client: SpeechClient,
        intents: IntentSet,
        *,
        language: str = "en",
        asking: Callable[[], str] = str,
    ) -> None:
        """`asking` names the question that the persona has open for a yes or no, where it knows;
        otherwise it is found in what was said last."""
        super().__init__()
        self.client = client
        self.intents = intents
        self.language = base_language(language)
        self.asking = asking

    @property
    def model(self) -> str:
        return "intent flow"

    @property
    def provider(self) -> str:
        return "switchboard"

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        usable = [] if tool_choice == "none" else tools or []
        return _FlowStream(self, chat_ctx=chat_ctx, tools=usable, conn_options=conn_options)

    async def next_act(self, items: Sequence[llm.ChatItem], tools: set[str]) -> Act:
        """What to do now. Raises SpeechGoneError if nobody is there to understand."""
        last = next((item for item in reversed(items) if item.type in _SPEAKING), None)
        if isinstance(last, llm.FunctionCallOutput):
            return Act(say=_result(last))
        if _instructed(items, last):
            return Act()
        heard = _unanswered(items)
        if not heard:
            return Act(say=HELLO.get(self.language, HELLO["en"]))
        step = self.asking()
        before = Before(_last_tool(items), step or asks(_said_last(items)), step=bool(step))
        act = await choose(self, heard, tools=tools, before=before)
        if act is None:
            if self.intents.otherwise in tools:
                return Act(tool=self.intents.otherwise, arguments={"heard": " ".join(heard)})
            return Act(say=SORRY.get(self.language, SORRY["en"]))
        return Act(say=_said_last(items) or act.say) if act.repeat else act


class _FlowStream(llm.LLMStream):
    async def _run(self) -> None:
        flow = self._llm
        assert isinstance(flow, FlowLLM)
        tools = {tool.info.name for tool in self._tools if isinstance(tool, llm.FunctionTool)}
        try:
            act = await flow.next_act(self._chat_ctx.items, tools)
        except (SpeechGoneError, SpeechFailedError) as error:
            raise APIConnectionError(f"nobody there to understand: {error}") from error
        self._event_ch.send_nowait(_chunk(act))


_SPEAKING = ("message", "function_call_output")


def _chunk(act: Act) -> llm.ChatChunk:
    delta = llm.ChoiceDelta(role="assistant", content=act.say)
    if act.tool:
        call = llm.FunctionToolCall(
            name=act.tool, arguments=json.dumps(act.arguments), call_id=utils.shortuuid("flow_")
        )
        delta = llm.ChoiceDelta(role="assistant", tool_calls=[call])
    return llm.ChatChunk(id=utils.shortuuid("flow_"), delta=delta)


def _result(output: llm.FunctionCallOutput) -> str:
    """What a tool returned is a sentence for the caller, written by us."""
    text = output.output.strip()
    return "" if text in ("", "None", "null") else text


def _instructed(items: Sequence[llm.ChatItem], last: llm.ChatItem | None) -> bool:
    """Instructions for one reply, such as a coach's, which only a language model could follow: they
    are not for the caller. The persona's own prompt, with nobody having spoken yet, is none."""
    if not isinstance(last, llm.ChatMessage) or last.role not in ("system", "developer"):
        return False
    return any(item is not last and item.type == "message" for item in items)


def _unanswered(items: Sequence[llm.ChatItem]) -> list[str]:
    """What the caller said since they were last answered. A pause may have cut one sentence into
    two turns, and an answer that was interrupted at once answered nothing."""
    heard: list[str] = []
    for item in reversed(items):
        if isinstance(item, llm.ChatMessage) and item.role == "user":
            heard.insert(0, item.text_content or "")
        elif item.type == "function_call_output" or (
            isinstance(item, llm.ChatMessage) and item.role == "assistant" and not item.interrupted
        ):
            break
    return [text for text in heard if text.strip()]


def _last_tool(items: Sequence[llm.ChatItem]) -> str | None:
    calls = [item for item in items if isinstance(item, llm.FunctionCall)]
    return calls[-1].name if calls else None


def _said_last(items: Sequence[llm.ChatItem]) -> str:
    return next(
        (
            item.text_content or ""
            for item in reversed(items)
            if isinstance(item, llm.ChatMessage) and item.role == "assistant"
        ),
        "",
    )
