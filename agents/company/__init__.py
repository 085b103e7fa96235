"""What the business knows: customers, hours, people, wording; imports only settings."""
