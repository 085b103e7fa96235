"""The telephone of `switchboard call` and its rounds."""
