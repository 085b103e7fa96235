"""The speech process: `conftest.py` runs it and speaks to it."""
