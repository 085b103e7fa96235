"""The facts and the state of one call; imports providers, company, plans and settings, no stage."""
