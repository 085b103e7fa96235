"""Bytes of SIP made into values: lines, quotes, brackets (RFC 3261 §25.1). Imports transport."""
