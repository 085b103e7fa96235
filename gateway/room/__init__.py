"""LiveKit's rooms: who may be in one, and telling the job in one what to do."""
