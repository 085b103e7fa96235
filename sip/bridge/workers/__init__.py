"""Media workers hold the sound and the room of calls; signalling tells them what to do.

Imports room, media, ffi."""
