"""Calls by TLS and with encrypted sound, on the real stack."""
