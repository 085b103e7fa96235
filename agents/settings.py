"""What the environment says to the workers; read once, by whoever starts the process."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

EMBEDDED = "embedded"
"""The value of every provider setting that needs no key and no network."""


class Settings(BaseSettings):
    """Every setting of a worker. The names are `SWITCHBOARD_…` and LiveKit's own `LIVEKIT_…`.

    Providers (`stt`, `llm`, `tts`) are `embedded`, a LiveKit Inference model such as
    `openai/gpt-4.1-mini`, or `plugin:` and a model reached with your own key, such as
    `plugin:deepgram/nova-3:multi`.
    """

    model_config = SettingsConfigDict(env_prefix="SWITCHBOARD_", frozen=True, extra="ignore")

    livekit_url: str = Field(default="ws://127.0.0.1:7880", validation_alias="LIVEKIT_URL")
    livekit_api_key: str = Field(default="", validation_alias="LIVEKIT_API_KEY")
    livekit_api_secret: str = Field(default="", validation_alias="LIVEKIT_API_SECRET", repr=False)

    home: Path = Path(".switchboard")
    redis_url: str = Field(default="redis://127.0.0.1:6389/0", repr=False)
    dialplan: Path = Path("dialplans/main.yaml")
    speech_socket: Path | None = None
    lease_socket: Path | None = None
    company_database: Path | None = None

    worker_host: str = "127.0.0.1"
    worker_port: int = 8081
    worker_limit: int = Field(default=8, ge=1)
    worker_idle: int = Field(default=1, ge=0)

    stt: str = EMBEDDED
    llm: str = EMBEDDED
    tts: str = EMBEDDED
    vad: str = EMBEDDED
    noise: str = EMBEDDED
    turn_detection: str = EMBEDDED

    min_delay: float = Field(default=0.2, ge=0.05, le=3.0)
    max_delay: float = Field(default=1.5, ge=0.2, le=10.0)
    vad_silence: float = Field(default=0.2, ge=0.05, le=2.0)
    interrupt_after: float = Field(default=0.2, ge=0.0, le=3.0)
    frame_ms: int = Field(default=20, ge=10, le=100)

    first_token_deadline: float = Field(default=1.0, ge=0.1, le=10.0)
    filler_after: float = Field(default=1.5, ge=0.2, le=10.0)
    silence_after: float = Field(default=7.0, ge=1.0, le=60.0)
    sip_rejoin_for: float = Field(default=60.0, ge=0.0)
    """The leg's own setting: so long it keeps a phone whose room is away."""

    sip_max_calls: int = Field(default=100, ge=1)
    """The leg's own setting, which the workers hold where LiveKit's leg does not."""

    @property
    def speech(self) -> Path:
        return self.speech_socket or self.home / "speech.sock"

    @property
    def lease(self) -> Path:
        return self.lease_socket or self.home / "lease.sock"

    @property
    def company(self) -> Path:
        return self.company_database or self.home / "company.db"

    @property
    def recordings(self) -> Path:
        return self.home / "recordings"

    @property
    def voicemail(self) -> Path:
        return self.home / "voicemail"
