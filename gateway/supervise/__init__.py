"""Taking part in somebody else's call without anybody hearing more than they should."""
