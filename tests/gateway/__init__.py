"""A gateway as it runs, with its people and its databases; `running.py` starts it."""
