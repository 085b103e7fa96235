"""People and keys: signing in, staying in, and being shown out."""
