"""Where calls of ours are sent."""
