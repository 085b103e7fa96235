"""Whether a call may come in, and into which room; imports signalling, psrpc and what is below."""
