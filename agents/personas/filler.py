"""No dead air: what takes long is bridged with a word."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import structlog
from livekit.agents import Agent
from livekit.agents.types import FlushSentinel

from agents.company.crm import CRMError
from agents.stages.stage import Stage

log = structlog.get_logger(__name__)

T = TypeVar("T")

FILLER_AGAIN_S = 6.0


class StageWithFiller(Stage):
    """A stage that asks others, a company or a model, while the caller waits."""

    async def look_up(self, question: Awaitable[T]) -> T:
        """Asks the company; raises CRMError."""
        asked = asyncio.ensure_future(question)
        wait, key = self.call.facts.settings.filler_after, "call.filler"
        while not asked.done():
            await asyncio.wait({asked}, timeout=wait)
            if not asked.done():
                self.speak(self.phrase(key), kept=False)
                wait, key = FILLER_AGAIN_S, "call.filler_long"
        try:
            return asked.result()
        except CRMError:
            log.exception("company.unavailable")
            raise

    async def llm_node(self, chat_ctx: Any, tools: Any, model_settings: Any) -> Any:
        """The model's answer; if it takes long, a word that it is coming is said first."""
        chunks = Agent.default.llm_node(self, chat_ctx, tools, model_settings)
        iterator: Any = aiter(chunks)
        first = asyncio.ensure_future(anext(iterator, None))
        try:
            await asyncio.wait({first}, timeout=self.call.facts.settings.filler_after)
            if not first.done():
                yield self.phrase("call.filler") + " "
                yield FlushSentinel()
            chunk = await first
            while chunk is not None:
                yield chunk
                chunk = await anext(iterator, None)
        finally:
            first.cancel()
            await iterator.aclose()
