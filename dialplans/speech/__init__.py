"""Spoken numbers, voices and echo, alike for leg, agents and gateway. Imports no other room."""
