"""Calls without a job: when another is sent, and when a room goes."""
