"""Protobuf that livekit-protocol does not ship, made by `generate`. Imports no other room."""
