"""Telephones of other people's, from Debian: `make telephones` installs and plays them."""
