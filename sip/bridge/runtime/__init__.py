"""The process beside its calls: settings, logs, tasks, outbox, health; imports no other room."""
