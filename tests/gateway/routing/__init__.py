"""The dialplan in the console: drafts, checks, applying, rolling back."""
