"""No dead air: a model that hangs, fails or thinks long never leaves the caller in silence."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from livekit.agents import APITimeoutError, llm

from agents.providers.llm_deadline import DeadlineLLM
from tests.agents.calling import RECEPTION, call_to
from tests.fakes.language_model import ScriptedLLM, fails, hangs, says


async def reply(model: llm.LLM) -> str:  # type: ignore[type-arg]
    chat = llm.ChatContext.empty()
    chat.add_message(role="user", content="hello")
    async with model.chat(chat_ctx=chat) as stream:
        return "".join([c.delta.content or "" async for c in stream if c.delta])


async def test_a_model_in_time_is_not_touched() -> None:
    assert await reply(DeadlineLLM(ScriptedLLM(says("Good day.")), 0.5)) == "Good day."


async def test_a_late_first_token_is_an_error() -> None:
    """LiveKit's own fallback only passes its timeout on to the model."""
    with pytest.raises(APITimeoutError):
        await reply(DeadlineLLM(ScriptedLLM(hangs()), 0.1))


@pytest.mark.parametrize("trouble", [hangs(), fails()], ids=["hangs", "fails"])
async def test_the_flow_answers_in_place_of_a_model_in_trouble(trouble: object) -> None:
    """The next one in line is asked at once, without a second try."""
    cloud = ScriptedLLM(trouble)  # type: ignore[arg-type]
    flow = ScriptedLLM(says("The flow."))
    both = llm.FallbackAdapter([DeadlineLLM(cloud, 0.1), flow], max_retry_per_llm=0)

    assert await asyncio.wait_for(reply(both), 5) == "The flow."
    assert len(cloud.asked) >= 1

    await both.aclose()


async def test_long_thinking_is_bridged_with_a_word(tmp_path: Path) -> None:
    """The word comes first, then the answer; both are part of one reply."""
    slow = says("We are a small provider.", after_s=0.8)
    async with call_to(RECEPTION, slow, home=tmp_path, filler_after=0.2) as call:
        await call.says("who are you?")
        await call.settled(1.0)

        said = " ".join(call.said)

        assert said.index(call.phrase("call.filler")) < said.index("We are a small provider.")


async def test_a_model_that_fails_for_good_gives_way_to_the_plan(tmp_path: Path) -> None:
    """With nothing left to fall back on the caller hears it and gets the persona's fallback."""
    async with call_to(RECEPTION, *[fails()] * 9, home=tmp_path) as call:
        await call.says("hello?")
        await call.until("menu main", within=10)

        assert call.phrase("call.trouble") in call.said
        assert call.record.of("problem")[0].what == "llm_error"
