"""The processes of the leg: a parent, one for signalling, and media workers. Imports every room."""
