"""Ways into rooms: tokens, callers from the web, webhooks."""
