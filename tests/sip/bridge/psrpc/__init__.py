"""LiveKit's remote calls over Redis."""
