"""Who may come in, by the dialplan and by the trunks."""
