"""Calls that want a person: whom they ring, who may take them."""
