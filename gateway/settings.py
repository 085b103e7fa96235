"""What the gateway is told by its environment; read once, in `__main__`, and passed on."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gateway.client_address import THIS_MACHINE, Network, networks
from gateway.local.log_file import DAYS_DEFAULT

_ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]+)?")


class OidcSettings(BaseSettings):
    """OpenID Connect: any provider with discovery. Off while `issuer` is empty."""

    model_config = SettingsConfigDict(env_prefix="SWITCHBOARD_OIDC_", frozen=True)

    name: str = "Single sign-on"
    issuer: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    roles_claim: str = "roles"
    """The claim that lists a person's roles; values that are no role of ours are ignored."""
    default_roles: Annotated[tuple[str, ...], NoDecode] = ()
    """Roles of somebody whose claim names none; empty means such a person is turned away."""

    @field_validator("default_roles", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value


class Settings(BaseSettings):
    """One field a setting; the names are the environment's."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True)

    livekit_url: str = Field("ws://127.0.0.1:7880", alias="LIVEKIT_URL")
    livekit_public_url: str = Field("", alias="SWITCHBOARD_LIVEKIT_PUBLIC_URL")
    livekit_api_key: str = Field("", alias="LIVEKIT_API_KEY")
    livekit_api_secret: SecretStr = Field(SecretStr(""), alias="LIVEKIT_API_SECRET")
    home: Path = Field(Path(".switchboard"), alias="SWITCHBOARD_HOME")
    redis_url: str = Field("redis://127.0.0.1:6389/0", alias="SWITCHBOARD_REDIS_URL")
    dialplan: Path = Field(Path("dialplans/main.yaml"), alias="SWITCHBOARD_DIALPLAN")
    database: str = Field("", alias="SWITCHBOARD_DATABASE_URL")
    speech_socket: str = Field("", alias="SWITCHBOARD_SPEECH_SOCKET")
    lease_socket: str = Field("", alias="SWITCHBOARD_LEASE_SOCKET")
    listen: str = Field("127.0.0.1:8090", alias="SWITCHBOARD_GATEWAY_LISTEN")
    public_url: str = Field("", alias="SWITCHBOARD_PUBLIC_URL")
    web_dist: Path = Field(Path("web/dist"), alias="SWITCHBOARD_WEB_DIST")
    retention_days: int = Field(90, ge=0, alias="SWITCHBOARD_RETENTION_DAYS")
    """Ended calls older than this are deleted with their events; 0 keeps them for good."""
    log_days: int = Field(DAYS_DEFAULT, ge=1, alias="SWITCHBOARD_LOG_DAYS")
    audit_days: int = Field(365, ge=0, alias="SWITCHBOARD_AUDIT_DAYS")
    token_ttl_s: int = Field(60, ge=5, alias="SWITCHBOARD_TOKEN_TTL")
    session_hours: int = Field(12, ge=1, alias="SWITCHBOARD_SESSION_HOURS")
    offer_s: int = Field(20, ge=3, alias="SWITCHBOARD_OFFER_SECONDS")
    wrap_up_s: int = Field(20, ge=0, alias="SWITCHBOARD_WRAP_UP_SECONDS")
    sip_rejoin_for: float = Field(60.0, ge=0.0, alias="SWITCHBOARD_SIP_REJOIN_FOR")
    """The leg's own setting: so long it keeps a phone whose room is away."""
    service_level_s: float = Field(20.0, alias="SWITCHBOARD_SERVICE_LEVEL_SECONDS")
    web_calls_per_minute: int = Field(6, ge=1, alias="SWITCHBOARD_WEB_CALLS_PER_MINUTE")
    sign_ins_per_minute: int = Field(5, ge=1, alias="SWITCHBOARD_SIGN_INS_PER_MINUTE")
    widget_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), alias="SWITCHBOARD_WIDGET_ORIGINS"
    )
    """Whose pages may show /talk in a frame, e.g. https://www.example.com."""
    open_metrics: bool = Field(False, alias="SWITCHBOARD_METRICS_OPEN")
    """Answer /metrics to everybody, not only to this machine and to those who may see calls."""
    trusted_proxy: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), alias="SWITCHBOARD_TRUSTED_PROXY"
    )
    """Addresses and networks of our proxies: what they say in X-Forwarded-For is believed."""
    session_secret: SecretStr = Field(SecretStr(""), alias="SWITCHBOARD_SESSION_SECRET")
    """What cookies of known browsers are signed with; the same at every gateway."""
    secure_cookie: bool = Field(False, alias="SWITCHBOARD_SECURE_COOKIE")
    show_personal: bool = Field(False, alias="SWITCHBOARD_LOG_PERSONAL")
    """Development only: log `pii_` values as they are instead of hashed."""
    otlp_endpoint: str = Field("", alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    oidc: OidcSettings = Field(default_factory=OidcSettings)

    @field_validator("widget_origins", mode="before")
    @classmethod
    def _origins(cls, value: object) -> object:
        """Separated by spaces. What is no origin is refused here: a policy with a mistake in it
        would be ignored by browsers in silence."""
        if not isinstance(value, str):
            return value
        origins = tuple(value.split())
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is not an origin like https://www.example.com")
        return origins

    @field_validator("trusted_proxy", mode="before")
    @classmethod
    def _proxies(cls, value: object) -> object:
        """`true` is one on this machine. Nobody is believed because of a word alone."""
        if isinstance(value, bool):
            value = THIS_MACHINE if value else ""
        if not isinstance(value, str):
            return value
        named = {"true": THIS_MACHINE, "1": THIS_MACHINE, "false": "", "0": ""}
        try:
            return networks(named.get(value.strip().lower(), value))
        except ValueError as error:
            raise ValueError(f"{error}; name the proxy, as 10.0.0.5 or 10.0.0.0/24") from None

    @classmethod
    def from_environment(cls) -> Settings:
        """Raises pydantic.ValidationError, which names every setting that is wrong."""
        given: dict[str, Any] = {}
        return cls(**given)

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite+aiosqlite:///{(self.home / 'switchboard.db').absolute()}"

    @property
    def livekit_environment(self) -> dict[str, str]:
        """For `sip`, which takes its settings from an environment; secrets of trunks are there."""
        return {
            **os.environ,
            "LIVEKIT_URL": self.livekit_url,
            "LIVEKIT_API_KEY": self.livekit_api_key,
            "LIVEKIT_API_SECRET": self.livekit_api_secret.get_secret_value(),
        }

    @property
    def speech_path(self) -> Path:
        return Path(self.speech_socket) if self.speech_socket else self.home / "speech.sock"

    @property
    def lease_path(self) -> Path:
        return Path(self.lease_socket) if self.lease_socket else self.home / "lease.sock"

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0] or "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def browser_livekit_url(self) -> str:
        """Where a browser finds LiveKit; differs from ours when a proxy stands before it."""
        return self.livekit_public_url or self.livekit_url
