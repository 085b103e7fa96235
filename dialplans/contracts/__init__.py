"""What processes say to each other, and the domain's words as types. May import speech."""
