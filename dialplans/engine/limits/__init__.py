"""What the limits of a plan count: who is on the line, and who called lately."""
