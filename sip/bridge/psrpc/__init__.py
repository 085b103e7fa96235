"""LiveKit's remote procedure calls over Redis. Imports wire, runtime."""
