"""Keeps Home Assistant's long-term statistics right across outages."""
