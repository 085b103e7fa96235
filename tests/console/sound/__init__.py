"""Proof by sound: tones, voices, and the ears that hear them."""
