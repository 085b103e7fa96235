"""Where the company's telephones are: they register with us (RFC 3261 §10.3)."""
