"""The LiveKit side of a call: one participant of kind SIP, its track, and the sound of the others.

`ffi` is the only file that reaches below the public interface of livekit-rtc.
"""
