"""Keys as tones in the sound: heard, left out of it, sent."""
