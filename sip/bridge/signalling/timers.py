"""RFC 3261's timers (table 4), in seconds."""

T1 = 0.5
T2 = 4.0
T4 = 5.0
TIMEOUT = 64 * T1
"""Timers B, F, H and J: how long anything is waited for or remembered."""
