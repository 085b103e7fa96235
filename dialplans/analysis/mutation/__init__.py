"""Faults put into a plan, to see whether its tests notice. May import analysis."""
