"""The company's sentences, hours and books."""
