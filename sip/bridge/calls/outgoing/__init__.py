"""A call of ours before it is answered: where it goes and who is rung."""
