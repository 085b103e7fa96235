"""Bytes of strangers: torture messages, mutants, and attacks on a call that goes on."""
