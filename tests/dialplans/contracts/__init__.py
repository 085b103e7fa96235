"""What processes tell each other: words, masks, the outbox."""
