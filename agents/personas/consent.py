"""What a persona says about recording before it begins, and what a caller can say to that."""

from __future__ import annotations

import asyncio
import contextlib
import re

from livekit.agents import StopResponse, UserInputTranscribedEvent, llm
from livekit.agents.voice.speech_handle import SpeechHandle

from agents.call.recorder import GIVEN, REFUSED
from agents.speech.intents.polarity import beside, reply_to
from agents.stages.stage import Stage
from dialplans.model import Recording

YES_KEY, NO_KEY, STOP_KEY = "1", "2", "#"
ANSWER_WITHIN_S = 6.0
_YES = re.compile(r"\b(yes|yeah|yep|sure|ok|okay|fine|ja|gerne?|einverstanden)\b", re.IGNORECASE)
_WISH = re.compile(
    r"\b(?:(?:can|could|may) (?:i|you)|i want (?!that|it)|i'd like|i would like|i need"
    r"|(?:kann|könnte) ich|können sie|ich (?:möchte|will|brauche|hätte)) (?!nicht|das nicht)\w+",
    re.IGNORECASE,
)
_RECORDING = re.compile(
    r"record|\btap(?:e|ing)\b|aufzeichn|aufgezeichnet|aufnehm|aufgenommen|aufnahme|mitschn",
    re.IGNORECASE,
)
_STOP = re.compile(r"\b(stop|without|ohne|aus|widerspreche|object)\b", re.IGNORECASE)
_NO = re.compile(r"\b(no|nope|not|don't|nein|nicht|kein\w*)\b", re.IGNORECASE)


def answer_in(text: str, asked: str = "") -> bool | None:
    """Yes, no, or neither; whoever says both has not agreed. `asked`: the question."""
    reply = reply_to(text, asked)
    if reply == "no" or _NO.search(text):
        return False
    return True if _YES.search(text) or reply == "yes" else None


def objects_to_recording(text: str, announced: str) -> bool:
    """Whether somebody who was told of it does not want it. Another no means something else."""
    if not text:
        return False
    if reply_to(text, announced) == "no":
        return True
    return bool(_RECORDING.search(text) and (_NO.search(text) or _STOP.search(text)))


class Consent:
    """Asked for once a call. Whoever was told and does not object has agreed to `announce`; to
    `ask` only a yes agrees, and silence is a no."""

    def __init__(self, stage: Stage, rule: Recording | None) -> None:
        self._stage = stage
        self.rule = rule or Recording(consent="never")
        self._answer: asyncio.Future[bool] | None = None
        self._announcing = False

    @property
    def asking(self) -> bool:
        return self._answer is not None and not self._answer.done()

    @property
    def stoppable(self) -> bool:
        """Whether the caller has a recording to stop, or hears right now that there will be one."""
        return self._announcing or self._stage.call.consent == GIVEN

    async def settle(self) -> bool:
        """Says what has to be said, and records if it may. Before the persona's own words. True:
        the caller has said meanwhile what they want, and is being answered."""
        call = self._stage.call
        recorder = call.recorder
        if recorder is None or self.rule.consent == "never" or call.consent == REFUSED:
            return False
        said = ""
        if not call.consent:
            handle = self._stage.speak(self._words(), interruptible=self.rule.consent == "ask")
            if self.rule.consent == "ask":
                self._answer = asyncio.get_running_loop().create_future()
            self._announcing = True
            try:
                said = await self._heard_during(handle)
            finally:
                self._announcing = False
            if self._answer is not None and not await self._agreed(self._answer):
                self.refuse()
                return False
            if objects_to_recording(said, self._words()):
                self.refuse()
                self._stage.speak(self._stage.phrase("recording.stopped"))
                return await self._take_up(said) if _WISH.search(beside(said)) else False
            if call.consent == REFUSED:  # by a key, while it was being said
                return await self._take_up(said)
            call.consent = GIVEN
            call.changed()
        await recorder.start(self.rule)
        return await self._take_up(said)

    async def _heard_during(self, handle: SpeechHandle) -> str:
        """What the caller says while an announcement is played to its end. LiveKit hears nothing of
        whoever may not interrupt, and forgets what it heard. Empty if they are still speaking: then
        all of it is their turn, like any other."""
        if self._answer is not None:  # may be interrupted, and so is heard
            await handle.wait_for_playout()
            return ""
        session = self._stage.session
        interruption = session.options.interruption
        said: list[str] = []

        def note(event: UserInputTranscribedEvent) -> None:
            if event.is_final and event.transcript.strip():
                said.append(event.transcript.strip())

        discards = interruption["discard_audio_if_uninterruptible"]
        detection = session.turn_detection
        interruption["discard_audio_if_uninterruptible"] = False
        session.update_options(turn_detection="manual")
        session.on("user_input_transcribed", note)
        try:
            await handle.wait_for_playout()
        finally:
            session.off("user_input_transcribed", note)
            interruption["discard_audio_if_uninterruptible"] = discards
            session.update_options(turn_detection=detection)
        if session.user_state == "speaking" or not said:
            return ""
        session.clear_user_turn()
        return " ".join(said)

    async def _take_up(self, said: str) -> bool:
        """Answers it as what it is: the caller's first words."""
        if not said:
            return False
        message = llm.ChatMessage(role="user", content=[said])
        try:
            await self._stage.on_user_turn_completed(self._stage.chat_ctx.copy(), message)
        except StopResponse:
            return True
        self._stage.session.generate_reply(user_input=message)
        return True

    def _words(self) -> str:
        said = self.rule.say
        if said is not None:
            return said.said_in(self._stage.call.language)
        return self._stage.phrase(f"recording.{self.rule.consent}")

    async def _agreed(self, answer: asyncio.Future[bool]) -> bool:
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(answer, ANSWER_WITHIN_S)
        return False

    def hears(self, text: str) -> bool:
        """Words while the question is open. False if they are no answer, then it is no consent, or
        not only one: then they mean something else as well."""
        said = answer_in(text, self._words())
        self._settle(said is True)
        return said is not None and not _WISH.search(beside(text))

    def key(self, digit: str) -> bool:
        if not self.asking or digit not in (YES_KEY, NO_KEY):
            return False
        self._settle(digit == YES_KEY)
        return True

    def _settle(self, agreed: bool) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(agreed)

    def refuse(self) -> None:
        """From here to the end of the call, and for what was recorded already."""
        call = self._stage.call
        call.consent = REFUSED
        call.changed()
        if call.recorder is not None:
            call.recorder.pause()
            self._stage.spawn(call.recorder.discard())
