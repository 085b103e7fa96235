"""Who hears, thinks and speaks in a call; imports company, plans, settings and speech."""
