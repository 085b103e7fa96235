"""The one adapter to what livekit-rtc keeps private. Imports media (samples)."""
