"""Calls in, out and away, from first message to record. Imports every other room."""
