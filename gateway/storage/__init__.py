"""The database (tables, migrations, the audit trail) and Redis' texts; imports nothing of ours."""
