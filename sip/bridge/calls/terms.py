"""How long a call may last and how long its phone may be silent, whoever has called."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration
from livekit.protocol import sip as lk

from sip.bridge.runtime.settings import Settings


@dataclass(frozen=True)
class Terms:
    """In seconds."""

    max_duration: float
    media_timeout_initial: float
    media_timeout: float


def terms_of(settings: Settings, longest: Duration, media: lk.SIPMediaConfig) -> Terms:
    """What LiveKit's trunk or request says, and where that says nothing, the leg's settings."""
    steady = seconds(media.media_timeout)
    return Terms(
        seconds(longest) or settings.sip_max_duration,
        steady or settings.sip_media_timeout_initial,
        steady or settings.sip_media_timeout,
    )


def seconds(duration: Duration) -> float:
    """0 where nothing is said."""
    return float(duration.ToTimedelta().total_seconds())
