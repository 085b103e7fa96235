"""Records of calls: events come in, rows come out, nothing is lost between; imports storage."""
