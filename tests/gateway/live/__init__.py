"""What consoles see while it happens."""
