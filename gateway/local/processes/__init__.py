"""What is started here, in which order, and who watches it; imports its parent's modules."""
