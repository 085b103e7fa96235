"""Sockets, and what a stranger may cost there."""
