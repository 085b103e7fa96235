"""Which plan is in force: kept in Redis, followed by processes. May import analysis."""
