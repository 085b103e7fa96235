"""What a persona's callers may want, how that is taught, and answers by rule. Imports no room."""
