"""The database: its tables, their migrations, the audit trail; imports nothing of ours."""
