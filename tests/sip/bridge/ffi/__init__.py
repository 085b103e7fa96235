"""The short cut through livekit-rtc."""
