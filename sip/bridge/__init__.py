"""The embedded SIP leg, a drop-in for livekit-sip. The rooms meet in `bridge` alone."""
