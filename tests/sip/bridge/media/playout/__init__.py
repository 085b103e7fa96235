"""How a phone is heard over good lines and bad ones, on a clock that a test moves."""
