"""Calls that were: how people find and read them."""
