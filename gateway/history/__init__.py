"""Calls that were: list, story, CSV. Imports identity, records, routing, sounds, storage."""
