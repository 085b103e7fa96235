"""Which provider does what, and why: the only file that names vendors.

`choose` is pure and decides; `session_factory` builds what was chosen; `doctor` shows it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from agents.settings import EMBEDDED, Settings
from dialplans.speech.language import base_language
from dialplans.speech.voices import EVERY, Voices, embedded

PLUGIN = "plugin:"
CLOUD_HOSTS = (".livekit.cloud", ".livekit.run")
INFERENCE_KEYS = ("LIVEKIT_INFERENCE_API_KEY", "LIVEKIT_INFERENCE_API_SECRET")
PLUGIN_KEYS = {
    "deepgram": "DEEPGRAM_API_KEY",
    "cartesia": "CARTESIA_API_KEY",
    "openai": "OPENAI_API_KEY",
}
PLUGIN_PARTS = {
    "stt": ("deepgram", "openai"),
    "llm": ("openai",),
    "tts": ("cartesia", "openai", "deepgram"),
}
NOISE = ("embedded", "bvc", "dtln", "none")
TURN_DETECTION = ("embedded", "multilingual", "v1-mini", "vad")
VAD = ("embedded", "silero")


@dataclass(frozen=True)
class Choice:
    """`asked` is the setting, `active` what is used, `why` a sentence for the operator. `kind` is
    how it is built: embedded, inference, plugin, or the name of a part of LiveKit's."""

    part: str
    asked: str
    active: str
    kind: str
    why: str
    model: str = ""
    language: str = ""
    vendor: str = ""
    problem: str = ""

    @property
    def embedded(self) -> bool:
        return self.kind == "embedded"


@dataclass(frozen=True)
class Choices:
    stt: Choice
    llm: Choice
    tts: Choice
    vad: Choice
    turn_detection: Choice
    noise: Choice
    noise_web: Choice

    def all(self) -> tuple[Choice, ...]:
        return (
            self.stt, self.llm, self.tts, self.vad, self.turn_detection, self.noise, self.noise_web
        )  # fmt: skip

    @property
    def voices(self) -> Voices:
        """Which languages can be spoken: a voice from elsewhere is taken to speak every one."""
        return embedded() if self.tts.embedded else EVERY

    @property
    def conversational(self) -> bool:
        """Whether a language model answers that can follow an instruction. The intent flow
        cannot: what it is told to say, it says."""
        return not self.llm.embedded


def is_cloud(url: str) -> bool:
    """True for a LiveKit Cloud project; there, and only there, the cloud's noise filters work."""
    host = urlsplit(url).hostname or ""
    return host.endswith(CLOUD_HOSTS)


def choose(
    settings: Settings, environment: Mapping[str, str], *, turn_files: bool | None = None
) -> Choices:
    """What each setting leads to in this environment. Something that cannot work is replaced by
    the embedded part, and `problem` says what is missing: a call must never fail for a key."""
    files = multilingual_files() if turn_files is None else turn_files
    cloud = is_cloud(settings.livekit_url)
    llm = _provider("llm", settings.llm, cloud, environment)
    return Choices(
        stt=_provider("stt", settings.stt, cloud, environment),
        llm=llm,
        tts=_provider("tts", settings.tts, cloud, environment),
        vad=_vad(settings.vad),
        turn_detection=_turn_detection(settings.turn_detection, files, llm),
        noise=_noise("noise (telephone)", settings.noise, cloud, "BVCTelephony"),
        noise_web=_noise("noise (web)", settings.noise, cloud, "BVC"),
    )


_EMBEDDED_NAMES = {
    "stt": "whisper in the speech process",
    "llm": "intent flow",
    "tts": "voice of the speech process",
}


def _provider(part: str, asked: str, cloud: bool, environment: Mapping[str, str]) -> Choice:
    if asked == EMBEDDED:
        return _embedded(part, asked, "the default: no key, no network")
    if asked.startswith(PLUGIN):
        return _plugin(part, asked, environment)
    if "/" not in asked:
        return _embedded(
            part, asked, "", f"'{asked}' is no model: write vendor/model, or {PLUGIN}vendor/model"
        )
    keys = all(environment.get(name) for name in INFERENCE_KEYS)
    if not cloud and not keys:
        return _embedded(
            part,
            asked,
            "",
            f"LiveKit Inference needs a LiveKit Cloud project: set {' and '.join(INFERENCE_KEYS)}",
        )
    why = "LiveKit Inference with the project's keys" if cloud else "LiveKit Inference, own keys"
    vendor, model, language = split_model(asked)
    return Choice(part, asked, asked, "inference", why, model, language, vendor)


def _plugin(part: str, asked: str, environment: Mapping[str, str]) -> Choice:
    vendor, model, language = split_model(asked.removeprefix(PLUGIN))
    if vendor not in PLUGIN_PARTS[part]:
        offered = ", ".join(PLUGIN_PARTS[part])
        return _embedded(part, asked, "", f"no plugin '{vendor}' for {part}; there is {offered}")
    key = PLUGIN_KEYS[vendor]
    own_server = vendor == "openai" and environment.get("OPENAI_BASE_URL")
    if not environment.get(key) and not own_server:
        return _embedded(part, asked, "", f"{key} is not set")
    why = f"own server at {environment['OPENAI_BASE_URL']}" if own_server else f"{key} is set"
    return Choice(part, asked, f"{vendor} {model}", "plugin", why, model, language, vendor)


def _embedded(part: str, asked: str, why: str, problem: str = "") -> Choice:
    return Choice(
        part,
        asked,
        _EMBEDDED_NAMES[part],
        "embedded",
        why or "instead of what was asked for",
        problem=problem,
    )


def split_model(text: str) -> tuple[str, str, str]:
    """`deepgram/nova-3:multi` → vendor, model, and what stands behind the colon: a language, or
    for a voice its name."""
    vendor, _, rest = text.partition("/")
    model, _, tail = rest.partition(":")
    return vendor, model, tail


def _vad(asked: str) -> Choice:
    if asked == "silero":
        return Choice("vad", asked, "silero", "silero", "livekit-plugins-silero, weights inside")
    problem = "" if asked == EMBEDDED else f"'{asked}' is none of {', '.join(VAD)}"
    why = "silero in livekit-local-inference: the same model, 40 MB less a call"
    return Choice("vad", asked, "silero (native)", "native", why, problem=problem)


def _turn_detection(asked: str, files: bool, llm: Choice) -> Choice:
    part = "turn detection"
    missing = "its model files are missing: python -m agents download-files"
    if asked == "multilingual" and not files:
        return _turn(part, asked, "v1-mini", f"instead of MultilingualModel: {missing}", missing)
    if asked == "multilingual" or (asked == EMBEDDED and files):
        return _turn(part, asked, "multilingual", "MultilingualModel: its files are here")
    if asked in ("v1-mini", "vad"):
        return _turn(part, asked, asked, "as set")
    problem = "" if asked == EMBEDDED else f"'{asked}' is none of {', '.join(TURN_DETECTION)}"
    if llm.embedded:
        why = f"the intent flow gains nothing by waiting longer; MultilingualModel: {missing}"
        return _turn(part, asked, "vad", why, problem)
    return _turn(part, asked, "v1-mini", f"LiveKit's own; MultilingualModel: {missing}", problem)


def _turn(part: str, asked: str, kind: str, why: str, problem: str = "") -> Choice:
    names = {"multilingual": "MultilingualModel", "v1-mini": "v1-mini", "vad": "voice activity"}
    return Choice(part, asked, names[kind], kind, why, problem=problem)


def _noise(part: str, asked: str, cloud: bool, cloud_filter: str) -> Choice:
    if asked == "bvc" and not cloud:
        why = "audio would pass through unfiltered and gain control would be off"
        problem = f"{cloud_filter} works with LiveKit Cloud only"
        return Choice(part, asked, "none", "none", why, problem=problem)
    if asked == "bvc" or (asked == EMBEDDED and cloud):
        return Choice(part, asked, cloud_filter, cloud_filter.lower(), "LiveKit Cloud")
    if asked == "dtln":
        return Choice(part, asked, "DTLN", "dtln", "as set; helps in noise, costs on clean lines")
    problem = "" if asked in NOISE else f"'{asked}' is none of {', '.join(NOISE)}"
    why = "as set" if asked == "none" else f"{cloud_filter} needs LiveKit Cloud; set dtln if noisy"
    return Choice(part, asked, "none", "none", why, problem=problem)


TURN_REPOSITORY, TURN_REVISION, TURN_FILE = "livekit/turn-detector", "v0.4.1-intl", "model_q8.onnx"
"""Where `download-files` puts MultilingualModel's weights. Importing the plugin to ask would start
its inference process, so a test compares these with it instead."""


def multilingual_files() -> bool:
    """Whether the turn detector's weights were downloaded (`python -m agents download-files`)."""
    try:  # optional, and no call needs it: only here
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return False
    found = try_to_load_from_cache(TURN_REPOSITORY, f"onnx/{TURN_FILE}", revision=TURN_REVISION)
    return isinstance(found, str)


def arguments(choice: Choice, language: str) -> dict[str, Any]:
    """What a plugin's STT, LLM or TTS is made with. What stands behind the colon of a model is a
    language for ears and a voice for mouths; without it the call's language is used."""
    made: dict[str, Any] = {"model": choice.model}
    tongue = base_language(language)
    if choice.part == "stt":
        made["language"] = choice.language or tongue
    if choice.part == "tts" and choice.vendor == "deepgram" and choice.language:
        made["model"] = choice.language  # Deepgram's voices are models
    if choice.part == "tts" and choice.vendor != "deepgram":
        if choice.language:
            made["voice"] = choice.language
        if choice.vendor == "cartesia":
            made["language"] = tongue
    if choice.vendor == "openai" and choice.part == "llm" and os.environ.get("OPENAI_BASE_URL"):
        # Servers of one's own want no key, but the client insists on one.
        made["api_key"] = os.environ.get("OPENAI_API_KEY") or "unused"
    return made
