"""Headers taken apart: quotes, brackets, blanks."""
