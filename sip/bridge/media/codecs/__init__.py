"""What a phone may send and hear, by payload type."""
