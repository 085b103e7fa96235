"""Measurements, one program each; `python -m tests.bench` takes them all."""
