"""What a call keeps and hides: secrets in words, keys and sound."""
