"""The process and its pool of workers."""
