"""The personas: what each does, and what one tells the next."""
