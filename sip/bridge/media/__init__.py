"""The phone's sound: G.711, RTP, RFC 4733 keys, one jitter buffer a call and one clock for all."""
