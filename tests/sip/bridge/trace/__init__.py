"""What is kept of the messages of a call, how much of it, and what never is."""
