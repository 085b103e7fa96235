"""Calls over HTTP: the list, one call's story, CSV; above records, sounds, routing, identity."""
