"""Running Switchboard on one machine: where things lie, what is started, and who watches it."""
