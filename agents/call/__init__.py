"""The facts and the state of one call; imports providers and company, no stage and no job."""
