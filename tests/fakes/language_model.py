"""A language model that does what a script says, turn by turn."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from livekit.agents import APIConnectionError, llm, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN


@dataclass(frozen=True)
class Answer:
    """One answer of the model to something the caller said."""

    text: str = ""
    tool: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    after_s: float = 0.0
    fails: bool = False


def says(text: str, *, after_s: float = 0.0) -> Answer:
    return Answer(text=text, after_s=after_s)


def calls(tool: str, **arguments: Any) -> Answer:
    return Answer(tool=tool, arguments=arguments)


def hangs(seconds: float = 60.0) -> Answer:
    return Answer(text="too late", after_s=seconds)


def fails() -> Answer:
    return Answer(fails=True)


class ScriptedLLM(llm.LLM[Any]):
    """Says what a tool returned, and otherwise the next line of the script."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.answers = deque(answers)
        self.asked: list[str] = []
        """What the model was given to read, one entry a request: nothing else may learn it."""

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: Any = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: Any = NOT_GIVEN,
        tool_choice: Any = NOT_GIVEN,
        extra_kwargs: Any = NOT_GIVEN,
    ) -> llm.LLMStream:
        self.asked.append(json.dumps(chat_ctx.to_dict(), default=str))
        return _Stream(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Stream(llm.LLMStream):
    async def _run(self) -> None:
        model = self._llm
        assert isinstance(model, ScriptedLLM)
        last = self._chat_ctx.items[-1] if self._chat_ctx.items else None
        if isinstance(last, llm.FunctionCallOutput):
            self._send(llm.ChoiceDelta(role="assistant", content=last.output))
            return
        if isinstance(last, llm.ChatMessage) and last.role == "system":
            self._send(llm.ChoiceDelta(role="assistant", content=last.text_content))
            return
        answer = model.answers.popleft() if model.answers else says("I have no more lines.")
        if answer.after_s:
            await asyncio.sleep(answer.after_s)
        if answer.fails:
            raise APIConnectionError("the script says so", retryable=False)
        if answer.tool:
            call = llm.FunctionToolCall(
                name=answer.tool,
                arguments=json.dumps(answer.arguments),
                call_id=utils.shortuuid("call_"),
            )
            self._send(llm.ChoiceDelta(role="assistant", tool_calls=[call]))
        else:
            self._send(llm.ChoiceDelta(role="assistant", content=answer.text))

    def _send(self, delta: llm.ChoiceDelta) -> None:
        self._event_ch.send_nowait(llm.ChatChunk(id=utils.shortuuid("x_"), delta=delta))
