"""The dialplan in the console: read, try, change, take back; imports identity, live, records."""
