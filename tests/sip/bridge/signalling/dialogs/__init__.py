"""The parts of a dialog, each against another telephone where it needs one."""
