"""A plan explained, tested, compared and drawn. May import language and engine."""
