"""Callers on the whole system, from ring to goodbye."""
