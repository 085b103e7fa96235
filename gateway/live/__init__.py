"""What is happening now, the same for every console of every gateway."""
