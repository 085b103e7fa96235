"""The installation on one machine: keys, files, processes."""
