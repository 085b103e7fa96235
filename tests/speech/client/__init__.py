"""What a job has of speech: hearing, speaking, noticing, and doing without."""
