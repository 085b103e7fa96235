"""The job: who comes and goes, orders, leases, briefings, recordings."""
