"""Calls: in, out and away, each from its first message to its record."""
