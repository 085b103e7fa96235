"""Voices that a machine has, and echoes of them."""
