"""What was kept of the sound of calls: who may hear it, and when it is deleted."""
