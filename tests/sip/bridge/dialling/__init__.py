"""Calls of ours until somebody takes them."""
