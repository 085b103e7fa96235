"""Ways into rooms and out again; may import identity, live, records, routing, settings."""
