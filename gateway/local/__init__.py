"""Runs Switchboard on one machine: where things lie and how they are told; imports no room."""
