"""Sound of the phone: G.711, RTP, RFC 4733 keys, jitter buffer, clock. Imports runtime."""
