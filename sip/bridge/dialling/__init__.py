"""A call of ours until somebody takes it: where it is sent, who rings, and why nobody came."""
