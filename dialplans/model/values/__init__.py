"""Single values as operators write them: times, patterns, names. May import telephony."""
