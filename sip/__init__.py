"""LiveKit SIP made to agree with the dialplan; what runs below it: bridge/, phone/."""
