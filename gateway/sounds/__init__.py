"""What was kept of the sound of calls, and who may hear it; imports identity, records."""
