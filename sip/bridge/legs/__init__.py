"""Several legs on one Redis: which others there are, and whose an account is."""
