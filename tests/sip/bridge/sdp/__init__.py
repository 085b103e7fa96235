"""What is said of a call's sound, and what is made of it."""
