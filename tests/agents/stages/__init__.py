"""Menus, queues, transfers, messages and goodbyes."""
