"""Two real legs on one Redis and one livekit-server."""
