"""Meters in Home Assistant's Energy dashboard."""
