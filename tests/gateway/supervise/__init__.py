"""Taking part in a call: listening, whispering, taking over."""
