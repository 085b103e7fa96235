"""The images and compose files, without building them."""
