"""Media workers: what they are told, and what becomes of calls whose worker dies."""
