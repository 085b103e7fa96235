"""The embedded SIP leg: a drop-in for livekit-sip, in Python."""
