"""Who talks with callers, with what tools; imports stages, call, company and speech."""
