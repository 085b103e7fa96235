"""Calls in, calls out, and what happens while they are up."""
