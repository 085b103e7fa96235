"""Taking part in somebody else's call, heard by no more than it should; above acd and access."""
