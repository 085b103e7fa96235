"""The one adapter to what livekit-rtc keeps private: its FFI; imports media's samples only."""
