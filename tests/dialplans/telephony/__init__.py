"""Numbers, addresses and wildcards as carriers write them."""
