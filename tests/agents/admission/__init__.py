"""Who may come in, where the job has to ask."""
