"""What a LiveKit job does around one call; imports call, stages, personas and what they import."""
