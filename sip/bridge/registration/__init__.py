"""Accounts that we keep registered, so that their calls come to us (RFC 3261 §10)."""
