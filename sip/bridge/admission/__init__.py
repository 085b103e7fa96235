"""May a call come in, and to which room. Imports signalling, transport, psrpc, wire, runtime."""
