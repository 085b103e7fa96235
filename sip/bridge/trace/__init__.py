"""What was said in SIP, kept of each call in its order, without what is secret in it."""
