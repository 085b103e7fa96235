"""Encrypted sound: packets, and the port of a call."""
