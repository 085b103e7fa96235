"""The agent worker: personas that speak with callers."""
