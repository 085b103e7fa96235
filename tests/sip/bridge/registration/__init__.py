"""Accounts that we keep registered, at a registrar that the test plays."""
