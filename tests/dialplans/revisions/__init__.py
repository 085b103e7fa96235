"""Plans in Redis: putting, watching, rolling back."""
