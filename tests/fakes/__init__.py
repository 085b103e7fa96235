"""Stand-ins that implement the real interfaces; a script says what they do."""
