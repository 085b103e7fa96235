"""What processes say to each other, as values and types. May import speech and process."""
