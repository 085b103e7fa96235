"""Tests: a folder named like a package has its rooms, the others are about the whole."""
