"""The models: digits, understanding, weights."""
