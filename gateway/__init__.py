"""The gateway: console, tokens, call records and the call steward."""
