"""How often somebody may try, and what wrong tries cost the next; imports no identity."""
