"""The registrar of the company, and telephones that a test plays."""
