"""Models and voices: which are used, and what happens when they fail."""
