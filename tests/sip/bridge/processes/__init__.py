"""The parent of the leg, and what it starts."""
