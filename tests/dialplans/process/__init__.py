"""Files and logs: what is read, written and hidden."""
