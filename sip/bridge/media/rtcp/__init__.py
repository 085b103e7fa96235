"""How well both ends hear each other: reports to the phone and from it, and a score."""
