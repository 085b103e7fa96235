"""Who is asking, and may they; imports storage, settings and roles, no other room."""
