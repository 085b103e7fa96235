"""May a call come in, where its leg does not ask the plan; imports plans."""
