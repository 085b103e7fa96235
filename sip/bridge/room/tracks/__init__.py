"""What the phone hears of a room: its tracks, each with a buffer, guarded and mixed."""
