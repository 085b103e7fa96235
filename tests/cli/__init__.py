"""The command line, whichever package a command comes from."""
