"""The yardstick: a plain livekit-agents worker on the same models, as its documentation shows it.

Library defaults throughout: batch recognition behind the session's own VAD, the default turn
detector (v1-mini, named so that it stays on this machine), one set of models in every job. Nothing
of `agents` is used but the models themselves.

Run with LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET: `python -m tests.bench.stock_worker
start`. `STOCK_MODEL` is base or tiny.en, `STOCK_AGENT` the name it is dispatched by.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from livekit.agents import (
    Agent,
    AgentServer,
    AgentSession,
    JobContext,
    JobProcess,
    LanguageCode,
    RunContext,
    cli,
    function_tool,
    inference,
    llm,
    stt,
    tts,
    utils,
)
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions

from agents.speech.intents.intent_training import lesson
from agents.speech.intents.intents import load_intents
from agents.speech.models.embed import Embedder
from agents.speech.models.synthesiser import RATE, Synthesiser
from agents.speech.models.understand import Understanding
from agents.speech.models.weights import WHISPER_BASE, WHISPER_TINY_EN
from agents.speech.models.whisper import RATE as HEARING_RATE
from agents.speech.models.whisper import Whisper
from agents.speech.prerender_cache import PrerenderCache

PROMPTS = Path(__file__).parents[2] / "dialplans" / "prompts"
WEIGHTS = {"base": WHISPER_BASE, "tiny.en": WHISPER_TINY_EN}


class Models:
    """Everything one job loads for itself."""

    def __init__(self) -> None:
        name = os.environ.get("STOCK_MODEL", "base")
        self.ears = Whisper(name, WEIGHTS[name])
        self.mouth = Synthesiser(PrerenderCache(None, memory_bytes=0))  # keeps nothing
        embedder = Embedder()
        self.minds = {}
        for persona in ("reception", "billing"):
            taught = lesson(load_intents(PROMPTS / f"{persona}.intents.yaml"))
            self.minds[persona] = Understanding(
                embedder, taught.examples, threshold=taught.threshold, margin=taught.margin
            )


class BatchSTT(stt.STT[Any]):
    def __init__(self, models: Models) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._models = models

    async def _recognize_impl(
        self, buffer: utils.AudioBuffer, *, language: Any = NOT_GIVEN, conn_options: Any = None
    ) -> stt.SpeechEvent:
        frame = utils.merge_frames(buffer) if isinstance(buffer, list) else buffer
        samples = np.frombuffer(frame.data, np.int16).astype(np.float32)
        heard = soxr.resample(samples, frame.sample_rate, HEARING_RATE).astype(np.int16)
        found = await asyncio.to_thread(self._models.ears.hear, heard.tobytes(), "en")
        text = stt.SpeechData(language=LanguageCode("en"), text=found.text, confidence=1.0)
        return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[text])


class WholeTTS(tts.TTS[Any]):
    def __init__(self, models: Models) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1
        )
        self.models = models

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return _Spoken(tts=self, input_text=text, conn_options=conn_options)


class _Spoken(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = self._tts
        assert isinstance(voice, WholeTTS)
        output_emitter.initialize(
            request_id=utils.shortuuid(), sample_rate=RATE, num_channels=1, mime_type="audio/pcm"
        )
        said = await asyncio.to_thread(
            lambda: b"".join(voice.models.mouth.say(self.input_text, "en"))
        )
        output_emitter.push(said)
        output_emitter.flush()


class PlainLLM(llm.LLM[Any]):
    """The nearest intent becomes a tool call or a sentence; so both sides think equally fast."""

    def __init__(self, models: Models) -> None:
        super().__init__()
        self.models = models

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: Any = NOT_GIVEN,
        tool_choice: Any = NOT_GIVEN,
        extra_kwargs: Any = NOT_GIVEN,
    ) -> llm.LLMStream:
        return _Thought(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Thought(llm.LLMStream):
    async def _run(self) -> None:
        plain = self._llm
        assert isinstance(plain, PlainLLM)
        tools = {tool.info.name for tool in self._tools if isinstance(tool, llm.FunctionTool)}
        last = self._chat_ctx.items[-1] if self._chat_ctx.items else None
        if isinstance(last, llm.FunctionCallOutput):
            self._say(last.output or "Done.")
            return
        heard = _last_said(self._chat_ctx.items)
        mind = plain.models.minds["reception" if "transfer_to_billing" in tools else "billing"]
        intent = (await asyncio.to_thread(mind.rank, heard, "en", [])).best if heard else ""
        wanted = {"billing": "transfer_to_billing"}.get(intent, intent)
        if wanted in tools:
            call = llm.FunctionToolCall(name=wanted, arguments="{}", call_id=utils.shortuuid())
            delta = llm.ChoiceDelta(role="assistant", tool_calls=[call])
            self._event_ch.send_nowait(llm.ChatChunk(id=utils.shortuuid(), delta=delta))
        else:
            self._say(f"You asked about {intent.replace('_', ' ') or 'nothing yet'}.")

    def _say(self, text: str) -> None:
        delta = llm.ChoiceDelta(role="assistant", content=text)
        self._event_ch.send_nowait(llm.ChatChunk(id=utils.shortuuid(), delta=delta))


def _last_said(items: Sequence[llm.ChatItem]) -> str:
    said = (
        i.text_content or "" for i in reversed(items) if i.type == "message" and i.role == "user"
    )
    return next(said, "")


class Reception(Agent):
    def __init__(self) -> None:
        super().__init__(instructions="You are the reception of Larkfield Broadband.")

    async def on_enter(self) -> None:
        self.session.say("Thank you for calling Larkfield Broadband. How can I help you?")

    @function_tool
    async def opening_hours(self, context: RunContext[None]) -> str:
        """When the office is open."""
        return "We are open from eight to six, Monday to Friday, and on Saturday until one."

    @function_tool
    async def transfer_to_billing(self, context: RunContext[None]) -> Agent:
        """The caller asks about a bill."""
        return Billing()


class Billing(Agent):
    def __init__(self) -> None:
        super().__init__(instructions="You are the billing department.")

    async def on_enter(self) -> None:
        self.session.say("Billing. Please tell me your customer number.")


def prewarm(process: JobProcess) -> None:
    process.userdata["models"] = Models()


server = AgentServer(
    setup_fnc=prewarm,
    port=int(os.environ.get("SWITCHBOARD_WORKER_PORT", "0")),
    host="127.0.0.1",
    initialize_process_timeout=120,
    load_threshold=float("inf"),  # on two cores the default calls itself full while it starts
    num_idle_processes=int(os.environ.get("STOCK_IDLE", "1")),
)


@server.rtc_session(agent_name=os.environ.get("STOCK_AGENT", "stock"))
async def answer(context: JobContext) -> None:
    models: Models = context.proc.userdata["models"]
    session: AgentSession[None] = AgentSession(
        stt=BatchSTT(models),
        llm=PlainLLM(models),
        tts=WholeTTS(models),
        vad=inference.VAD(),
        turn_handling={"turn_detection": inference.TurnDetector(version="v1-mini")},
    )
    await session.start(Reception(), room=context.room)


if __name__ == "__main__":
    cli.run_app(server)
