"""Reports on the sound of a call: read, sent, counted and scored."""
