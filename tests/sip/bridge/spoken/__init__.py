"""Whether the tables of what is spoken say what the code, and a leg that runs, do."""
