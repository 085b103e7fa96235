"""The chosen providers as the objects a session is made of, and the session's settings."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from livekit import rtc
from livekit.agents import AgentSession, APIConnectOptions, inference, llm, room_io, stt, tts, vad
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.agents.voice.turn import TurnHandlingOptions

from agents.company.phrases import phrases
from agents.plans import usual_intents
from agents.providers.llm_deadline import DeadlineLLM
from agents.providers.models import Choice, Choices, arguments
from agents.providers.tts_deadline import DeadlineTTS
from agents.settings import Settings
from agents.speech.client.client import SpeechClient
from agents.speech.client.flow import FlowLLM
from agents.speech.client.stt import EmbeddedSTT, Hearing
from agents.speech.client.tts import EmbeddedTTS
from agents.speech.client.vad import ForgetfulVAD
from agents.speech.intents.intents import IntentSet
from dialplans.speech.language import base_language
from dialplans.speech.voices import EVERY, Voices

T = TypeVar("T")

VOICE_LOST = "call.voice_lost"
VOICE_WITHIN_S = 3.0
"""A voice that has not begun by then is taken for failed."""
ERRORS_BORNE = 1_000
"""A session closes after so many errors in a row, and closing it would end the call; a speech
process that restarts is only a pause."""


@dataclass
class SessionFactory:
    """Everything a call hears, thinks and speaks with. One a job."""

    choices: Choices
    settings: Settings
    speech: SpeechClient
    language: str
    vad: vad.VAD
    voices: Voices = EVERY
    _models: dict[str, llm.LLM[Any]] = field(default_factory=dict)

    session_language: str = field(init=False)
    """What the session was made to hear and speak; in another language a stage brings its own."""

    def __post_init__(self) -> None:
        self.session_language = self.language

    def speaking(self, language: str) -> SessionFactory:
        """The same models, and ears and a voice for another language."""
        other = copy(self)
        other.language = language
        return other

    def _cloud_ear(self, choice: Choice) -> stt.STT[Any]:
        if choice.kind == "inference":
            tongue = choice.language or base_language(self.language)
            return inference.STT.from_model_string(f"{choice.vendor}/{choice.model}:{tongue}")
        return _plugin(choice, "STT", self.language)  # type: ignore[no-any-return]

    def stt(self) -> stt.STT[Any]:
        """The chosen recogniser; where it is not ours, ours listens on when it fails."""
        choice = self.choices.stt
        hearing = Hearing(end_s=self.settings.vad_silence)
        own = EmbeddedSTT(self.speech, language=self.language, hearing=hearing)
        if choice.embedded:
            return own
        return stt.FallbackAdapter(
            [self._cloud_ear(choice), own], vad=self.vad, max_retry_per_stt=0
        )

    def _own_voice(self, name: str = "") -> EmbeddedTTS:
        """A sentence it cannot say gives way to one that was rendered ahead, not to silence."""
        lost = phrases(self.language).say(VOICE_LOST)
        return EmbeddedTTS(self.speech, language=self.language, voice=name, fallback=lost)

    def voice(self, name: str = "") -> tts.TTS[Any]:
        """The chosen voice and no other, for what is rendered ahead and kept as its own. `name`
        is the voice of a persona: one of ours, or what stands behind the colon of a model."""
        choice = self.choices.tts
        if choice.embedded:
            return self._own_voice(name)
        if choice.kind == "inference":
            model = f"{choice.vendor}/{choice.model}:{name}" if name else choice.asked
            return inference.TTS.from_model_string(model)
        named = replace(choice, language=name) if name else choice
        return _plugin(named, "TTS", self.language)  # type: ignore[no-any-return]

    def tts(self, name: str = "") -> tts.TTS[Any]:
        """That voice; where it is not ours, ours goes on when it fails or is silent."""
        chosen = self.voice(name)
        if self.choices.tts.embedded:
            return chosen
        in_time = DeadlineTTS(chosen, VOICE_WITHIN_S)
        return tts.FallbackAdapter([in_time, self._own_voice()], max_retry_per_tts=0)

    @property
    def coachable(self) -> bool:
        """Whether a persona's model follows instructions. The intent flow does not."""
        return self.choices.conversational

    def model_for(self, intents: IntentSet, asking: Callable[[], str] = str) -> llm.LLM[Any]:
        """A persona's model. A cloud one has to begin in time, and the intent flow answers in its
        place when it does not, so that no caller meets dead air. `asking` is the question that the
        persona has open."""
        flow = FlowLLM(self.speech, intents, language=self.language, asking=asking)
        choice = self.choices.llm
        if choice.embedded:
            return flow
        return llm.FallbackAdapter([self._cloud(choice), flow], max_retry_per_llm=0)

    def _cloud(self, choice: Choice) -> llm.LLM[Any]:
        if choice.asked not in self._models:
            model = (
                inference.LLM.from_model_string(choice.asked)
                if choice.kind == "inference"
                else _plugin(choice, "LLM", self.language)
            )
            self._models[choice.asked] = DeadlineLLM(model, self.settings.first_token_deadline)
        return self._models[choice.asked]

    def turn_handling(self) -> TurnHandlingOptions:
        """The measured settings: answer soon, be interruptible, prepare the answer early."""
        s = self.settings
        return {
            "turn_detection": turn_detector(self.choices.turn_detection),
            "endpointing": {"min_delay": s.min_delay, "max_delay": s.max_delay},
            "interruption": {
                "mode": "vad",
                "min_duration": s.interrupt_after,
                "resume_false_interruption": False,
            },
            "preemptive_generation": {"enabled": True, "preemptive_tts": True},
        }

    def session(self, userdata: T) -> AgentSession[T]:
        """LiveKit's usual session, made of what the settings chose."""
        return AgentSession(
            stt=self.stt(),
            llm=self.model_for(usual_intents()),
            tts=self.tts(),
            vad=self.vad,
            turn_handling=self.turn_handling(),
            userdata=userdata,
            max_tool_steps=3,
            user_away_timeout=self.settings.silence_after,
            transcription_timeout=4.0,
            aec_warmup_duration=None,
            session_close_transcript_timeout=0.2,
            conn_options=SessionConnectOptions(
                max_unrecoverable_errors=ERRORS_BORNE,
                tts_conn_options=APIConnectOptions(max_retry=1, timeout=VOICE_WITHIN_S),
            ),
        )

    def room_options(self, caller: str, *, sip: bool) -> room_io.RoomOptions:
        """Bound to the caller; no text in or out of the room (a PIN must not be in it); nothing
        deletes the room but the steward."""
        kinds = [
            rtc.ParticipantKind.PARTICIPANT_KIND_SIP
            if sip
            else rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
        ]
        return room_io.RoomOptions(
            audio_input=room_io.AudioInputOptions(
                sample_rate=16_000,
                frame_size_ms=self.settings.frame_ms,
                pre_connect_audio=False,
                noise_cancellation=noise_filter(
                    self.choices.noise if sip else self.choices.noise_web
                ),
            ),
            text_input=False,
            text_output=False,
            participant_kinds=kinds,
            participant_identity=caller,
            close_on_disconnect=False,
            delete_room_on_close=False,
        )


def _plugin(choice: Choice, part: str, language: str) -> Any:
    module = importlib.import_module(f"livekit.plugins.{choice.vendor}")
    return getattr(module, part)(**arguments(choice, language))


def voice_detector(choice: Choice, silence: float) -> vad.VAD:
    """The session's VAD. LiveKit's silero plugin holds its own copy of the model and of
    onnxruntime; the native one is the same model."""
    if choice.kind == "silero":
        from livekit.plugins import silero  # only here: it loads a second onnxruntime

        return ForgetfulVAD(silero.VAD.load(min_silence_duration=silence))
    return ForgetfulVAD(inference.VAD(min_silence_duration=silence))


def turn_detector(choice: Choice) -> Any:
    if choice.kind == "multilingual":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            # Only here: importing it starts its inference process.
            from livekit.plugins.turn_detector.multilingual import MultilingualModel

        return MultilingualModel()
    if choice.kind == "v1-mini":
        # Without its version a development run would send the audio to the cloud.
        return inference.TurnDetector(version="v1-mini")
    return "vad"


def noise_filter(choice: Choice) -> Any:
    """Only ever imported where it works: loading the cloud filters blocks for 0.4 s and takes
    100 MB, and on a self-hosted server they would do nothing; dtln loads onnxruntime."""
    if choice.kind in ("bvc", "bvctelephony"):
        from livekit.plugins import noise_cancellation

        telephone = choice.kind == "bvctelephony"
        return noise_cancellation.BVCTelephony() if telephone else noise_cancellation.BVC()
    if choice.kind == "dtln":
        from livekit.plugins import dtln  # type: ignore[attr-defined]

        return dtln.noise_suppression()
    return None
