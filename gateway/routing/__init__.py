"""The dialplan in the console: read it, try it, change it, take it back."""
