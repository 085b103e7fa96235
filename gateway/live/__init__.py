"""What happens now, the same for every console of every gateway; imports records, identity."""
