"""The process of the leg: load, health, settings, events on their way."""
