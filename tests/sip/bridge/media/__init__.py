"""Sound on the line: packets, keys, echo, and whose it is."""
