"""The whole system, started for tests; `running.py` starts it."""
