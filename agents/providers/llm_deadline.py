"""A language model that has to start answering in time.

`FallbackAdapter` only passes its timeout on, so a model that hangs is never left. This wrapper
raises `APITimeoutError` when the first token is late, and the adapter then asks the next one.
"""

from __future__ import annotations

import asyncio
from typing import Any, Never

from livekit.agents import APIConnectOptions, APITimeoutError, llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr


class DeadlineLLM(llm.LLM[Never]):
    """`inner`, but the first token comes within `seconds` or not at all."""

    def __init__(self, inner: llm.LLM[Any], seconds: float) -> None:
        super().__init__()
        self._inner = inner
        self._seconds = seconds

    @property
    def model(self) -> str:
        return self._inner.model

    @property
    def provider(self) -> str:
        return self._inner.provider

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
        return _DeadlineStream(
            self,
            seconds=self._seconds,
            conn_options=conn_options,
            inner=self._inner.chat(
                chat_ctx=chat_ctx,
                tools=tools,
                conn_options=conn_options,
                parallel_tool_calls=parallel_tool_calls,
                tool_choice=tool_choice,
                extra_kwargs=extra_kwargs,
            ),
        )

    def prewarm(self, *, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._inner.prewarm(loop=loop)

    async def aclose(self) -> None:
        await self._inner.aclose()
        await super().aclose()


class _DeadlineStream(llm.LLMStream):
    def __init__(
        self,
        model: DeadlineLLM,
        *,
        inner: llm.LLMStream,
        seconds: float,
        conn_options: APIConnectOptions,
    ) -> None:
        super().__init__(
            model, chat_ctx=inner.chat_ctx, tools=inner.tools, conn_options=conn_options
        )
        self._inner = inner
        self._seconds = seconds

    async def _run(self) -> None:
        chunks = self._inner.__aiter__()
        async with self._inner:
            try:
                async with asyncio.timeout(self._seconds):
                    # Token counts and the like are no answer yet (`ChatChunk.has_response`).
                    async for chunk in chunks:
                        self._event_ch.send_nowait(chunk)
                        if chunk.has_response():
                            break
            except TimeoutError as late:
                raise APITimeoutError(
                    f"no token within {self._seconds:g} s", retryable=False
                ) from late
            async for chunk in chunks:
                self._event_ch.send_nowait(chunk)
