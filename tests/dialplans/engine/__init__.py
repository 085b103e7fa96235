"""The engine: what is decided for a call, and what becomes of it."""
