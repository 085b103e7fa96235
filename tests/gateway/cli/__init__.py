"""What the command line writes for the console."""
