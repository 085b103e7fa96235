"""SIP's transactions and dialogs (RFC 3261), SDP, digest. Imports transport, media."""
