"""Alarms of devices and of our own rules: one life, one journal."""
