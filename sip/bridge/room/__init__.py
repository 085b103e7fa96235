"""One SIP participant in a LiveKit room, and the sound there. Imports ffi, media, runtime."""
