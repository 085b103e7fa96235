"""Numbers, addresses and who calls, as trunks give them. Imports no other room."""
