"""The call steward: no caller rings for ever, is left in silence, or alone; imports no room."""
