"""One process that recognises, synthesises and understands speech for all calls."""
