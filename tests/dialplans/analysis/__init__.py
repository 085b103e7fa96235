"""The tools that explain, compare, draw, simulate and break plans."""
