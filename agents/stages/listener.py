"""How any stage hears the caller: what may be a secret is masked before anybody else gets it."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from livekit import rtc
from livekit.agents import Agent, StopResponse, llm, stt

from agents.call.masking import Sentence
from agents.call.state import CallState
from dialplans.contracts.actor import ActorKind


class Listener(Agent):
    """A LiveKit agent whose model, record and memory get masked words; `on_words` gets them as they
    were said."""

    call: CallState

    async def on_words(self, text: str) -> bool:
        """The caller said something, as they said it: numbers in it are masked for everybody else.
        True: it is dealt with; False: ask the model."""
        return True

    async def on_user_turn_completed(
        self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage
    ) -> None:
        turn = self.call.masking.to_answer(new_message.text_content or "")
        text = " ".join(sentence.masked for sentence in turn)
        new_message.content = [text]
        if self.call.pause is not None:
            self.call.pause.heard.append((ActorKind.CALLER, text))
            raise StopResponse
        self.call.conversation.silences = 0
        if await self.on_words(" ".join(sentence.raw for sentence in turn)):
            raise StopResponse
        self.call.conversation.heard.append(text)
        self._correct_later(turn, new_message)

    def _correct_later(self, turn: Sequence[Sentence], message: llm.ChatMessage) -> None:
        """The next sentence may show that the digits in this one are part of a secret."""

        def corrected(old: str, new: str) -> None:
            before = message.text_content or ""
            after = before.replace(old, new)
            message.content = [after]
            heard = self.call.conversation.heard
            heard[:] = [after if text == before else text for text in heard]
            self.call.changed()

        for sentence in turn:
            sentence.changed.append(corrected)

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: Any
    ) -> AsyncIterator[stt.SpeechEvent | str]:
        """What the recogniser writes is masked here, before a model or the session sees it."""
        heard: Any = Agent.default.stt_node(self, audio, model_settings)
        async for event in heard:
            yield self._discreet(event) if isinstance(event, stt.SpeechEvent) else event

    def _discreet(self, event: stt.SpeechEvent) -> stt.SpeechEvent:
        if not event.alternatives or not event.alternatives[0].text.strip():
            return event
        best = event.alternatives[0]
        match event.type:
            case stt.SpeechEventType.FINAL_TRANSCRIPT:
                masked = self.call.masking.hear(best.text).masked
            case stt.SpeechEventType.PREFLIGHT_TRANSCRIPT:
                masked = self.call.masking.preview(best.text)
            case _:
                masked = self.call.masking.part(best.text)
        if masked == best.text:
            return event
        return replace(event, alternatives=[replace(best, text=masked, words=None)])
