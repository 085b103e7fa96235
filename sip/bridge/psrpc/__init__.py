"""psrpc: LiveKit's remote procedure calls over Redis publish and subscribe.

A client publishes a request; every server of that method may bid for it (a claim); the client
grants one bid; that server does the work and answers. See `channels` for the names on the wire.
"""
