"""The SIP leg and what provisions it."""
