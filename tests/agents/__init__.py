"""The agents without a telephone; `calling.py` makes the calls."""
