"""Trunks and rules on a LiveKit server, from the plan."""
