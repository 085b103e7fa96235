"""Encrypted sound, SRTP (RFC 3711): its ciphers and keys, and the two directions of a call."""
