"""LiveKit SIP made to agree with the dialplan, and the embedded SIP bridge."""
