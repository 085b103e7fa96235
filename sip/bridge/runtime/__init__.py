"""The process beside its calls: settings, logs, tasks, outbox, health. Imports no other room."""
