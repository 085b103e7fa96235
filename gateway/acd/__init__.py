"""Human agents: who is ready, what rings where, who has which call; above access, live, records."""
